"""What a call asked and what came of it, as named values that the dialects' tables refer to.

A call is one of the workbench's, as it ran. Its facts are its arguments in the units and shapes that
clients use (lines as offset and count, a range; a command line), and its result in parts (exit code,
output, entries, matches, numbered lines). Nothing is added that the tool did not return or the files
did not hold. `Unsaid` is raised for what no dialect but the workbench's own can say.

Not covered: which facts a tool takes and shows (`datagen/tables/dialects`).
"""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from datagen.dialects import edits
from datagen.session import Step

Facts = dict[str, Any]
MATCH = re.compile(r"(.+?):(\d+): ?(.*)")
REFUSED = "Error: "
CUT = re.compile(r"\n\.\.\. \(\d+ more characters\)$")
MORE = re.compile(r"\n\.\.\. \((\d+) more (?:lines|matches)\)$")
"""Below the first page of a file or of matches."""
OMITTED = re.compile(r"^\.\.\. \((\d+) lines left out\) \.\.\.$", re.MULTILINE)
"""In the midst of a program's output."""
TIMED_OUT = re.compile(r"timed out after (\d+) s")


class Unsaid(Exception):
    """A dialect has no way to say this call or its outcome."""


def of(step: Step, root: str) -> Iterator[Facts]:
    """The facts of a call; of an edit one for each place in each file that it changes.

    `root` is the folder that paths begin with, "" for relative ones.
    """
    result = step.result
    ran = step.exit_code is not None
    refused = result.startswith(REFUSED) and not (ran and step.name != "http_request")
    problem = result.removeprefix(REFUSED) if refused else ""
    if CUT.search(result) or problem.startswith(("invalid arguments", "unknown tool")):
        raise Unsaid(result)
    facts: Facts = {}
    if more := step.name in ("read_file", "search") and MORE.search(result):
        result = result[: more.start()]
        facts["left"] = int(more[1])
    facts |= {"root": root or ".", "result": result, "ok": not refused}
    if refused:
        facts["error"] = problem
    if ran:
        facts |= {"exit": step.exit_code, "success": step.exit_code == 0}
        facts["output"] = "" if result == "(no output)" else result

    def placed(path: str) -> str:
        return str(PurePosixPath(root) / path) if root else path

    if step.name == "apply_patch":
        yield from _edits(step, facts, placed)
    else:
        found = facts | ABOUT[step.name](step, facts, placed)
        yield _without_command(found) if more else found  # a shell would show all


def needed(step: Step) -> list[set[str]]:
    """Of each of these sets a tool must take one, or it would ask for something else."""
    asked = step.arguments
    wanted = {
        "start_line": {"start_line", "first", "offset", "offset0", "range", "span"},
        "end_line": {"end_line", "count", "range", "span", "head"},
        "glob": {"glob"},
        "path": {"path", "place", "node", "url", "address"},
        "keyword": {"keyword"},
        "timeout": {"timeout", "timeout_ms"},
        "json": {"json", "body"},
        "code": {"code"},
        "pattern": {"pattern"},
        "message": {"message"},
    }
    found = [names | {"command"} for key, names in wanted.items() if key in asked]
    if TIMED_OUT.search(step.result) or "timeout" in asked:
        found.append(wanted["timeout"])
    return found


def _read(step: Step, facts: Facts, placed: Callable[[str], str]) -> Facts:
    path = step.arguments["path"]
    start, end = step.arguments.get("start_line"), step.arguments.get("end_line")
    first = start or 1
    found: Facts = {"path": placed(path)}
    if start:
        found |= {"start_line": start, "offset": start, "offset0": start - 1}
    if end:
        found |= {"end_line": end, "count": end - first + 1}
        if first == 1:
            found["head"] = end
    if start or end:
        found |= {"range": [first, end or -1], "span": f"{first}-{end or ''}"}
    shell = f"cat {_word(path)}"
    if start or end:
        shell = f"sed -n '{first},{end or '$'}p' {_word(path)}"
    found["command"] = shell
    if not facts["ok"]:
        if not facts["error"].startswith("no such file: "):
            return _without_command(found)
        return found | {"exit": 1, "output": f"cat: {path}: No such file or directory"}
    text = "" if facts["result"] == "(empty)" else facts["result"]
    whole = step.before[path].splitlines()
    lines = text.splitlines()
    return found | {
        "text": text, "exit": 0, "output": text, "lines": len(lines), "total": len(whole),
        "last": first + len(lines) - 1, "first": first,
        "next": first + len(lines),
        "numbered": edits.numbered(text, first=first),
        "arrows": edits.numbered(text, "→", first=first),
        "bars": "\n".join(f"{n} | {line}" for n, line in enumerate(lines, start=first)),
        "line_list": lines,
    }  # fmt: skip


def _write(step: Step, facts: Facts, placed: Callable[[str], str]) -> Facts:
    path, text = step.arguments["path"], step.arguments["content"]
    existed = path in step.before
    shell = f"cat > {_word(path)} <<'EOF'\n{text if text.endswith(chr(10)) else text + chr(10)}EOF"
    found: Facts = {
        "path": placed(path), "content": text, "lines": len(text.splitlines()),
        "bytes": len(text.encode()), "created": not existed,
        "verb": "updated" if existed else "created",
    }  # fmt: skip
    if facts["ok"] and text.endswith("\n") and "\nEOF\n" not in text:
        found |= {"command": shell, "exit": 0, "output": ""}
    return found


def _list(step: Step, facts: Facts, placed: Callable[[str], str]) -> Facts:
    path = step.arguments["path"]
    found: Facts = {"path": placed(path)}
    if not facts["ok"]:
        return found
    names = [] if facts["result"] == "(empty)" else facts["result"].splitlines()
    folders = [name.removesuffix("/") for name in names if name.endswith("/")]
    flat = [name.removesuffix("/") for name in names]
    hidden = any(name.startswith(".") for name in names)
    shell = "ls -Ap -I .git" if hidden else "ls -p"
    return found | {
        "command": shell if path == "." else f"{shell} {_word(path)}", "exit": 0,
        "output": "\n".join(names), "entries": "\n".join(names), "entry_list": flat,
        "marked": "\n".join(f"[{'DIR' if n in folders else 'FILE'}] {n}" for n in flat),
        "tree": "\n".join(f"  - {name}" for name in names),
        "typed": [{"name": n, "type": "directory" if n in folders else "file"} for n in flat],
        "paths": "\n".join(placed(n if path == "." else f"{path}/{n}") for n in names),
        "number": len(names),
    }  # fmt: skip


def _search(step: Step, facts: Facts, placed: Callable[[str], str]) -> Facts:
    pattern, path = step.arguments["pattern"], step.arguments.get("path")
    glob = step.arguments.get("glob")
    found: Facts = {"pattern": pattern, "place": placed(path or ".")}
    if path:
        found["path"] = placed(path)
    if glob:
        found["glob"] = glob
    if not facts["ok"]:
        return found
    matches = []
    for line in facts["result"].splitlines() if facts["result"] != "No matches." else []:
        if not (parts := MATCH.fullmatch(line)):
            raise Unsaid(line)
        raw = step.before[parts[1]].splitlines()[int(parts[2]) - 1]
        matches.append((parts[1], int(parts[2]), parts[3], raw))
    files = list(dict.fromkeys(name for name, *_ in matches))
    grouped = [
        "\n".join([name, *(f"  Line {n}: {text}" for own, n, text, _ in matches if own == name)])
        for name in files
    ]
    named = path not in step.before  # grep names no file where it was given one
    command = f"grep -{'rn' if named else 'n'}P {shlex.quote(pattern)}"
    command += f" --include={shlex.quote(glob)}" if glob else ""
    command += " --exclude-dir=.git" if named else ""
    command += f" {_word(path)}" if path else ""
    shown = "\n".join(f"{name}:{n}:{raw}" if named else f"{n}:{raw}" for name, n, _, raw in matches)
    nothing = "No matches found"
    return found | {
        "command": command, "exit": 0 if matches else 1, "output": shown,
        "grep": "\n".join(f"{name}:{n}:{raw}" for name, n, _, raw in matches) or nothing,
        "grouped": "\n\n".join(grouped) or nothing, "number": len(matches),
        "all": len(matches) + facts.get("left", 0),
        "matches": [{"path": name, "line": n, "text": text} for name, n, text, _ in matches],
        "lines": facts["result"] if matches else nothing, "files": files,
    }  # fmt: skip


def _edits(step: Step, facts: Facts, placed: Callable[[str], str]) -> Iterator[Facts]:
    patch = step.arguments["patch"]
    facts["patch"] = patch
    if not facts["ok"] and "is read-only" not in facts["error"]:
        yield facts | {"call": True, "file": True}  # its place is not there: only a patch says so
        return
    made = edits.patched(patch, step.before)
    if facts["ok"] and any(step.after[path] != text for path, text in made.items()):
        raise AssertionError("a patch is read otherwise than it was applied")
    envelope = ["*** Begin Patch"]
    parts: list[tuple[str, str, list[edits.Edit]]] = []
    for path, text in made.items():
        if path not in step.before:
            envelope += [f"*** Add File: {path}", *(f"+{line}" for line in text.splitlines())]
            parts.append((path, text, []))
            continue
        try:
            found = edits.edits(step.before[path], text, context=len(patch) % 2)
        except ValueError as error:
            raise Unsaid(f"{path}: {error}") from None
        envelope += [f"*** Update File: {path}", *map(edits.hunk, found)]
        parts.append((path, text, found))
    facts["envelope"] = "\n".join([*envelope, "*** End Patch"])
    facts["changed"] = "\n".join(f"{'M' if found else 'A'} {path}" for path, _, found in parts)
    facts["all_edits"] = [
        {"path": placed(path), "old": edit.old, "new": edit.new}
        for path, _, found in parts
        for edit in found
    ] if all(found for *_, found in parts) else None  # fmt: skip
    facts["all_paths"] = ", ".join(placed(path) for path, *_ in parts)
    if facts["all_edits"] is None:
        del facts["all_edits"]
    sections = re.split(r"(?m)^(?=--- )", re.sub(r"(?m)^diff --git .*\n", "", patch))[1:]
    for number, (path, text, found) in enumerate(parts):
        own: Facts = {"path": placed(path), "call": number == 0, "file": True}
        own["diff"] = sections[number].rstrip("\n")
        if not found:
            yield facts | own | {"content": text, "created": True, "verb": "created",
                                 "lines": len(text.splitlines()), "bytes": len(text.encode())}  # fmt: skip
        for index, edit in enumerate(found):
            if index:
                own = own | {"call": False, "file": False}
            yield facts | own | {
                "old": edit.old, "new": edit.new, "snippet": edits.snippet(edit),
                "edits": [{"old": each.old, "new": each.new} for each in found],
                "blocks": "\n\n".join(map(edits.block, found)), "text": text,
                "number": len(found), "replaced": 1, "line": edit.line,
            }  # fmt: skip


def _python(step: Step, facts: Facts, placed: Callable[[str], str]) -> Facts:
    code = step.arguments["code"]
    found: Facts = {"code": code, "language": "python"}
    if "timeout" in step.arguments:
        found |= {"timeout": step.arguments["timeout"]}
        found["timeout_ms"] = 1000 * step.arguments["timeout"]
    if not facts["ok"] or "main.py" in code:
        return found
    if "\n" in code.strip() or "'" in code:
        text = code if code.endswith("\n") else f"{code}\n"
        if "\nEOF\n" in text:
            return found
        found["command"] = f"python - <<'EOF'\n{text}EOF"
        source = "<stdin>"
    else:
        found["command"] = f"python -c '{code}'"
        source = "<string>"
    found["shell_output"] = facts["output"].replace('File "main.py"', f'File "{source}"')
    return found


def _tests(step: Step, facts: Facts, placed: Callable[[str], str]) -> Facts:
    path, keyword = step.arguments.get("path"), step.arguments.get("keyword")
    command = "python -m pytest -q --tb=short"
    found: Facts = {}
    if path:
        found |= {"path": placed(path), "node": path}
        command += f" {_word(path)}"
    if keyword:
        found["keyword"] = keyword
        command += f" -k {shlex.quote(keyword)}"
    found["command"] = command
    if not facts["ok"]:
        if not facts["error"].startswith("no such file or directory: "):
            return _without_command(found)
        missing = f"ERROR: file or directory not found: {path}"
        return found | {"exit": 4, "output": f"no tests ran\n{missing}"}
    last = facts["result"].splitlines()[-1]
    numbers = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed)", last)}
    return found | {"passed": numbers.get("passed", 0), "failed": numbers.get("failed", 0)}


def _git_status(step: Step, facts: Facts, placed: Callable[[str], str]) -> Facts:
    return _git("git status --short", facts, "nothing to commit", "")


def _git_diff(step: Step, facts: Facts, placed: Callable[[str], str]) -> Facts:
    path = step.arguments.get("path")
    command = f"git diff -- {_word(path)}" if path else "git diff"
    found = _git(command, facts, "(no changes)", "")
    return found | ({"path": placed(path)} if path else {})


def _git_commit(step: Step, facts: Facts, placed: Callable[[str], str]) -> Facts:
    message = step.arguments["message"]
    command = f"git add -A && git commit -m {shlex.quote(message)}"
    found = _git(command, facts, "", "") | {"message": message, "everything": ["."]}
    if not facts["ok"]:
        if facts["error"] != "nothing to commit":
            return found
        return found | {"exit": 1, "output": "nothing to commit, working tree clean"}
    return found | {"commit": facts["result"].split()[1].rstrip("]")}


def _git(command: str, facts: Facts, nothing: str, instead: str) -> Facts:
    result = facts["result"]
    found: Facts = {
        "command": command,
        "exit": 0,
        "output": instead if result == nothing else result,
    }
    found["nothing"] = result == nothing
    if not facts["ok"] and facts["error"] == "not a git repository":
        said = "fatal: not a git repository (or any of the parent directories): .git"
        found |= {"exit": 128, "output": said}
    return found


def _request(step: Step, facts: Facts, placed: Callable[[str], str]) -> Facts:
    asked = step.arguments
    found: Facts = {"method": asked["method"], "address": asked["path"]}
    found["url"] = f"http://localhost:5000{asked['path']}"
    if "json" in asked:
        found |= {"json": asked["json"], "body": json.dumps(asked["json"], ensure_ascii=False)}
    if not facts["ok"]:
        return found
    head, _, body = facts["result"].partition("\n")
    status, _, rest = head.partition(" ")
    if not status.isdigit():
        raise Unsaid(head)
    found |= {"status": int(status), "content_type": rest.rpartition(" ")[2], "answer": body}
    found["status_line"] = head
    try:
        found["data"] = json.loads(body)
    except ValueError:
        found["data"] = body
    return found


def _without_command(facts: Facts) -> Facts:
    """For what a shell would answer in other words than the row goes on from."""
    return {key: value for key, value in facts.items() if key != "command"}


def _word(path: str) -> str:
    return shlex.quote(path)


ABOUT: dict[str, Callable[[Step, Facts, Callable[[str], str]], Facts]] = {
    "read_file": _read, "write_file": _write, "list_directory": _list, "search": _search,
    "run_python": _python, "run_tests": _tests, "git_status": _git_status, "git_diff": _git_diff,
    "git_commit": _git_commit, "http_request": _request,
}  # fmt: skip
"""By the workbench's tool; edits have facts of their own."""
