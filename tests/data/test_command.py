"""./invoke data: one command checks a recipe's files or any other file, and says everything at once."""

import json
from pathlib import Path

import pytest
from broken_rows import BROKEN, healthy, line
from conftest import PROJECT, invoke
from public_rows import CHAT, HERMES, OPENAI, TOOL, XLAM

from synthia import recipe
from synthia.data import adding
from synthia.data.check import LISTED, Rules
from synthia.errors import MissingRequirement
from synthia.recipe import Recipe

SMOKE = ("data", "--recipe", "smoke")


def write(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_the_shipped_smoke_files_pass_and_a_page_is_written(project: Path) -> None:
    done = invoke(project, *SMOKE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "240 rows in 1 files" in done.stdout
    assert "recovering 32" in done.stdout
    page = (project / "outputs" / "smoke" / "data.html").read_text(encoding="utf-8")
    assert "All 7 gates passed" in page
    assert 'class="trained"' in page
    assert "http" not in page.replace("http-equiv", "")


def test_all_problems_of_a_broken_file_are_listed_at_once(project: Path) -> None:
    names = ("NaN", "secret", "undeclared tool", "unknown role")
    (project / "data" / "mine.jsonl").write_bytes(b"".join(BROKEN[name][1] for name in names))
    done = invoke(project, *SMOKE, "--set", 'data.files=["data/mine.jsonl"]')
    assert done.returncode == 1
    kinds = [
        text for text in done.stdout.splitlines() if text in ("D schema:", "D text:", "D tools:")
    ]
    assert kinds == ["D schema:", "D text:", "D tools:"]
    for number in range(1, 5):
        assert f"data/mine.jsonl:{number}: " in done.stdout
    assert 'or accept it in data/accepted.toml: row = "' in done.stdout
    assert "ghp_" + "a1B2" * 9 not in done.stdout + done.stderr


@pytest.mark.parametrize("record", [OPENAI, HERMES, XLAM])
def test_a_file_in_a_public_schema_is_converted(
    project: Path, tmp_path: Path, record: object
) -> None:
    added = write(tmp_path / "public.jsonl", record)
    done = invoke(project, *SMOKE, "--add", str(added))
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = map(json.loads, (project / "data" / "public.jsonl").read_text().splitlines())
    assert row["messages"][-1]["content"] in ("It has 3 degrees.", "")
    assert row["tools"][0]["function"]["name"] == "weather"
    again = invoke(project, *SMOKE, "--add", str(added))
    assert again.returncode == 2
    assert "data/public.jsonl exists" in again.stderr


def test_what_cannot_be_converted_is_named_and_nothing_is_written(
    project: Path, tmp_path: Path
) -> None:
    wrong_call = {**XLAM, "answers": json.dumps([{"name": "weather", "arguments": {}}])}
    added = write(tmp_path / "public.jsonl", OPENAI, {"text": "x"}, wrong_call, HERMES)
    done = invoke(project, *SMOKE, "--add", str(added))
    assert done.returncode == 1
    assert "public.jsonl:2: cannot be converted: has the keys ['text']" in done.stdout
    assert "public.jsonl:3: messages[1].tool_calls[0]: " in done.stdout
    assert "'city' is a required property" in done.stdout
    assert not (project / "data" / "public.jsonl").exists()
    dropped = invoke(project, *SMOKE, "--add", str(added), "--drop")
    assert dropped.returncode == 0, dropped.stdout + dropped.stderr
    assert len((project / "data" / "public.jsonl").read_text().splitlines()) == 2
    assert not list((project / "data").glob(".*partial"))


def test_a_file_that_another_process_adds_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHIA_CACHE", str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    public = write(tmp_path / "public.jsonl", OPENAI)
    loaded = recipe.load(PROJECT / "recipes", "smoke")
    rules = Rules()
    second: list[str] = []
    convert = adding._convert

    def meanwhile(path: Path, partial: Path, given: Recipe) -> adding.Converted:
        made = convert(path, partial, given)
        with pytest.raises(
            MissingRequirement, match=r"another --add writes data/public\.jsonl; wait"
        ):
            adding.add(tmp_path, loaded, public, rules, drop=False)
        second.append(partial.read_text())
        return made

    monkeypatch.setattr(adding, "_convert", meanwhile)
    adding.add(tmp_path, loaded, public, rules, drop=False)
    assert second == [(tmp_path / "data" / "public.jsonl").read_text()] != [""]


def test_no_bad_row_is_kept_however_many_there_are(project: Path, tmp_path: Path) -> None:
    bad = {**XLAM, "answers": json.dumps([{"name": "weather", "arguments": {}}])}
    records = [{**bad, "query": f"Weather on day {number}?"} for number in range(LISTED + 200)]
    added = write(tmp_path / "public.jsonl", *records, XLAM)
    done = invoke(project, *SMOKE, "--add", str(added), "--drop")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    (row,) = map(json.loads, (project / "data" / "public.jsonl").read_text().splitlines())
    assert row["messages"][0]["content"] == XLAM["query"]
    nothing = write(tmp_path / "nothing.jsonl", *records[:2])
    done = invoke(project, *SMOKE, "--add", str(nothing), "--drop")
    assert done.returncode == 1
    assert "no row of nothing.jsonl is right" in done.stderr
    assert not (project / "data" / "nothing.jsonl").exists()


def test_a_file_in_the_projects_schema_is_checked_and_left_alone(
    project: Path, tmp_path: Path
) -> None:
    good = write(tmp_path / "good.jsonl", {"messages": CHAT, "tools": [TOOL]})
    done = invoke(project, *SMOKE, "--add", str(good))
    assert done.returncode == 0
    assert not (project / "data" / "good.jsonl").exists()
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(line(healthy()) + BROKEN["duplicate differing by white space"][1])
    done = invoke(project, *SMOKE, "--add", str(bad))
    assert done.returncode == 1
    assert "bad.jsonl:2: equals bad.jsonl:1" in done.stdout
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(BROKEN["NaN"][1] + line(healthy()))
    for words, code in (((), 1), (("--drop",), 0)):
        done = invoke(project, *SMOKE, "--add", str(broken), *words)
        assert done.returncode == code
        assert done.stdout.count("broken.jsonl:1: ") == 1
    assert (project / "data" / "broken.jsonl").read_text().count("\n") == 1


def test_a_missing_file_is_wrong_use(project: Path) -> None:
    done = invoke(project, *SMOKE, "--add", "none.jsonl")
    assert done.returncode == 2
    assert "there is no file none.jsonl" in done.stderr
