"""The tools really run, inside their folder, and their results are the same everywhere."""

from pathlib import Path

import pytest
from conftest import PROJECT

from datagen.session import Session
from datagen.workbench import Unfit, Workbench

FILES = {
    "shop.py": "def total(prices):\n    return sum(prices) - 1\n",
    "tests/test_shop.py": "from shop import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n",
    "app.py": "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef home():\n"
    "    return {'a': 1}\n\n\n@app.get('/broken')\ndef broken():\n    return 1 / 0\n",
}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = Session(tmp_path / "project", "test.one/0")
    made.bench.root.mkdir()
    made.files(FILES)
    return made


@pytest.fixture
def bench(session: Session) -> Workbench:
    return session.bench


PATCH = """--- a/shop.py
+++ b/shop.py
@@ -1,2 +1,2 @@
 def total(prices):
-    return sum(prices) - {}
+    return sum(prices)
"""


def test_a_failing_suite_is_mended_by_a_patch(bench: Workbench) -> None:
    assert "FAILED tests/test_shop.py::test_total - assert 2 == 3" in bench.call("run_tests", {})
    assert bench.call("apply_patch", {"patch": PATCH.format(1)}) == "Patched shop.py (+1 -1)"
    assert bench.call("run_tests", {}) == ". [100%]\n1 passed"


def test_a_patch_that_does_not_fit_changes_nothing(bench: Workbench) -> None:
    before = (bench.root / "shop.py").read_bytes()
    result = bench.call("apply_patch", {"patch": PATCH.format(2)})
    assert result.startswith("Error: the patch does not apply to shop.py: context line 2")
    assert (bench.root / "shop.py").read_bytes() == before


def test_long_results_are_shown_in_part_and_what_is_left_is_counted(bench: Workbench) -> None:
    bench.call(
        "write_file", {"path": "long.txt", "content": "".join(f"row {n}\n" for n in range(9))}
    )
    bench.page, bench.matches, bench.screen = 4, 3, 6
    first = bench.call("read_file", {"path": "long.txt"})
    assert first == "row 0\nrow 1\nrow 2\nrow 3\n... (5 more lines)"
    assert bench.call("read_file", {"path": "long.txt", "start_line": 6}) == "\n".join(
        f"row {number}" for number in range(5, 9)
    )
    found = bench.call("search", {"pattern": "row", "path": "long.txt"})
    assert found.splitlines()[2:] == ["long.txt:3: row 2", "... (6 more matches)"]
    printed = bench.call("run_python", {"code": "for n in range(20):\n    print(n)"})
    assert printed == "0\n1\n... (14 lines left out) ...\n16\n17\n18\n19"


def test_an_app_is_asked_over_loopback(bench: Workbench) -> None:
    ask = {"method": "GET", "path": "/"}
    assert bench.call("http_request", ask) == '200 OK application/json\n{"a":1}'
    assert bench.call("http_request", {**ask, "path": "/broken"}).startswith("500 ")
    assert bench.call("http_request", {**ask, "method": "PUT"}).startswith("405 ")


def test_git_is_real(session: Session) -> None:
    session.repository()
    bench = session.bench
    assert bench.call("git_status", {}) == "nothing to commit"
    bench.call("write_file", {"path": "new.py", "content": "x = 1\n"})
    bench.call("apply_patch", {"patch": PATCH.format(1)})
    assert bench.call("git_status", {}) == "?? new.py\n M shop.py"
    assert "-    return sum(prices) - 1\n+    return sum(prices)" in bench.call("git_diff", {})
    assert "2 files changed" in bench.call("git_commit", {"message": "Mend total"})
    assert bench.call("git_commit", {"message": "Again"}) == "Error: nothing to commit"


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("read_file", {"path": "none.py"}, "no such file: none.py"),
        ("read_file", {"path": "../x"}, "../x is outside the project folder"),
        ("read_file", {"path": "/etc/passwd"}, "/etc/passwd is outside the project folder"),
        ("read_file", {"path": 3}, "invalid arguments for read_file: $.path: 3 is not of type"),
        ("read_file", {}, "invalid arguments for read_file: 'path' is a required property"),
        ("list_directory", {"path": "shop.py"}, "shop.py is a file, not a directory"),
        ("search", {"pattern": "("}, "invalid regular expression '('"),
        ("open_file", {"path": "x"}, "unknown tool 'open_file'"),
        ("run_python", {"code": "while True: pass", "timeout": 1}, "timed out after 1 s"),
        ("run_python", {"code": "import time; time.sleep(9)", "timeout": 1}, "timed out after 1 s"),
        ("run_tests", {"path": "none"}, "no such file or directory: none"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_said_to_the_model(
    bench: Workbench, name: str, arguments: dict[str, object], result: str
) -> None:
    assert bench.call(name, arguments).startswith(f"Error: {result}")


def test_a_read_only_file_is_one_for_root_as_well(session: Session) -> None:
    session.files({"locked.cfg": "a = 1\n"}, modes={"locked.cfg": 0o444})
    result = session.bench.call("write_file", {"path": "locked.cfg", "content": "b"})
    assert result == "Error: permission denied: locked.cfg is read-only"


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("import socket; socket.create_connection(('192.0.2.1', 80))", "no network"),
        ("import urllib.request as u; u.urlopen('http://example.com')", "no network"),
        ("open('/etc/passwd').read()", "outside the project folder: /etc/passwd"),
        ("open('../out.txt', 'w')", "outside the project folder"),
        ("import os; os.remove('/etc/hosts')", "outside the project folder"),
        ("import subprocess; subprocess.run(['ls'])", "no other programs"),
        ("import os; os.system('ls')", "no other programs"),
        ("import os; os.fork()", "no other programs"),
        ("x = bytearray(3 * 2**30)", "MemoryError"),
        ("open('big', 'wb').write(b'x' * 2**21)", "File too large"),
    ],
)
def test_code_is_held_inside_the_folder(tmp_path: Path, code: str, refusal: str) -> None:
    bench = Workbench(tmp_path)
    outside = sorted(tmp_path.parent.iterdir())
    assert refusal in bench._run(lambda: _execute(code), 5)
    assert sorted(tmp_path.parent.iterdir()) == outside


def test_code_does_not_reach_the_folder_that_the_generator_lies_in(tmp_path: Path) -> None:
    code = f"open({str(PROJECT / 'tasks.py')!r})"
    assert "outside the project folder" in Workbench(tmp_path)._run(lambda: _execute(code), 5)


def _execute(code: str) -> int:
    exec(code)
    return 0


def test_clock_and_seed_stand_still(bench: Workbench) -> None:
    code = "import datetime, random\nprint(datetime.datetime.now(), random.random())"
    assert bench.call("run_python", {"code": code}) == "2025-03-03 09:30:00 0.8444218515250481"


def test_a_traceback_shows_the_projects_own_frames(bench: Workbench) -> None:
    code = "import json\nfrom shop import total\ntotal(json.loads('3'))"
    assert bench.call("run_python", {"code": code}).splitlines() == [
        "Traceback (most recent call last):",
        '  File "main.py", line 3, in <module>',
        '  File "shop.py", line 2, in total',
        "TypeError: 'int' object is not iterable",
    ]


def test_what_differs_between_machines_is_no_result(bench: Workbench) -> None:
    with pytest.raises(Unfit, match="0x"):
        bench.call("run_python", {"code": "print(object())"})
    bench.call("write_file", {"path": "queue.py", "content": ""})
    with pytest.raises(Unfit, match=r"queue\.py has the name of a module"):
        bench.call("run_tests", {})


def test_a_session_records_what_happened(session: Session) -> None:
    session.user("Read shop.py, would you?")
    session.offer("list_directory")
    assert "sum" in session.call("read_file", {"path": "shop.py"}, saying="Reading it.")
    session.mistake("open_file", {"path": "shop.py"})
    session.say("It sums prices.")
    row = session.row("test.one/0")
    assert [turn["role"] for turn in row["messages"]] == [
        "user", "assistant", "tool", "assistant", "tool", "assistant",
    ]  # fmt: skip
    assert row["messages"][3]["weight"] == 0
    assert row["messages"][4]["content"] == (
        "Error: unknown tool 'open_file'; available: list_directory, read_file"
    )
    assert {tool["function"]["name"] for tool in row["tools"]} == {"list_directory", "read_file"}


def test_the_digest_covers_files_calls_and_results(tmp_path: Path) -> None:
    digests = set()
    for number, text in enumerate(("a", "b", "a")):
        session = Session(tmp_path / str(number), "test.one/0")
        session.bench.root.mkdir()
        session.files({"x.txt": text})
        session.call("list_directory", {"path": "."})
        digests.add(session.digest())
    assert len(digests) == 2


def test_a_last_call_must_work(session: Session) -> None:
    with pytest.raises(AssertionError, match="no such file"):
        session.last_call("read_file", {"path": "none"})
