"""The tools of a coding assistant, run for real in a temporary folder.

A result is text, as a model gets it. What a user would see as an error is text as well, and starts
with "Error: ". Results hold nothing that differs between machines or runs: no absolute path, no
duration, no address; `Unfit` is raised when one would.

Not covered: the record of a conversation (`datagen.session`), and the confinement of code
(`datagen.confinement`).
"""

import fnmatch
import gc
import importlib
import inspect
import io
import json
import os
import re
import sys
import traceback
import types
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from datagen import confinement
from datagen.tool_schemas import TOOLS
from synthia.data import tool_calls

LONGEST = 4000
"""Characters of a result; what follows is cut and counted."""
VARYING = re.compile(r"0x[0-9a-f]{6,}|site-packages|/lib/python|/tmp/|/home/|/root/")
AUTHOR = b"Dev <dev@example.com>"
COMMIT_TIME = 1740994200  # confinement.CLOCK
SKIPPED = {".git"}
NEEDLESS = (
    "doctest", "pastebin", "junitxml", "stepwise", "setuponly", "setupplan", "legacypath", "debugging",
    "faulthandler", "threadexception", "unraisableexception",
)  # fmt: skip
"""Plugins of pytest that these runs show nothing of; without them a run takes a fifth less time."""
PRELOADED = ("flask", "http.client", "pytest", "time_machine", "werkzeug.serving")


class Unfit(Exception):
    """A scenario did something whose result would differ between machines."""


class Refused(Exception):
    """A tool says no: the text after "Error: "."""


class Workbench:
    """A project folder with the tools that work in it."""

    def __init__(self, root: Path) -> None:
        _preload()
        self.root = root.resolve()
        self.exit_code: int | None = None
        """Of the last call, where it ran a program to its end."""
        self.page: int | None = None
        """Lines of a file that are shown at once, the first ones; None for all."""
        self.matches: int | None = None
        """Lines that a search shows, the first ones; None for all."""
        self.screen: int | None = None
        """Lines of a program's output that are shown, its begin and its end; None for all."""
        self.schemas = dict(TOOLS)
        self.tools: dict[str, Callable[..., str]] = {
            name: getattr(self, name) for name in self.schemas
        }

    @staticmethod
    def known() -> set[str]:
        """The names of all tools."""
        return set(TOOLS)

    def result(self, name: str, arguments: Mapping[str, Any]) -> str:
        """Run a tool and return its result, or the error that a model would be shown."""
        self.exit_code = None
        try:
            result = self._checked(name, arguments)
        except Refused as refusal:
            result = f"Error: {refusal}"
        return result.replace(f"{self.root}/", "").replace(str(self.root), ".").rstrip("\n")

    def call(self, name: str, arguments: Mapping[str, Any]) -> str:
        """The result as it stands in a row; raises Unfit where another machine would have another."""
        result = self.result(name, arguments)
        if found := VARYING.search(result):
            around = result[max(found.start() - 200, 0) : found.end() + 100]
            raise Unfit(f"{name}: the result holds {found[0]!r}: {around}")
        if len(result) > LONGEST and self.page is None:
            result = f"{result[:LONGEST]}\n... ({len(result) - LONGEST} more characters)"
        return result or "(no output)"

    def _checked(self, name: str, arguments: Mapping[str, Any]) -> str:
        if name not in self.tools:
            raise Refused(f"unknown tool {name!r}")
        wrong = tool_calls.problems([{"name": name, "arguments": arguments}], [self.schemas[name]])
        if wrong:
            reason = wrong[0].partition("its schema: ")[2] or wrong[0]
            raise Refused(f"invalid arguments for {name}: {reason.removeprefix('$: ')}")
        return self.tools[name](**arguments)

    def path(self, path: str) -> Path:
        """Resolve a path of a call; refuses what leaves the folder."""
        full = (self.root / path).resolve()
        if full != self.root and self.root not in full.parents:
            raise Refused(f"{path} is outside the project folder")
        return full

    def _file(self, path: str) -> Path:
        full = self.path(path)
        if full.is_dir():
            raise Refused(f"{path} is a directory")
        if not full.exists():
            raise Refused(f"no such file: {path}")
        if not full.stat().st_mode & 0o400:
            raise Refused(f"permission denied: {path} is not readable")
        return full

    def _writable(self, path: str) -> Path:
        full = self.path(path)
        if full.is_dir():
            raise Refused(f"{path} is a directory")
        # The bits decide, not the kernel: for root every file would be writable.
        if full.exists() and not full.stat().st_mode & 0o200:
            raise Refused(f"permission denied: {path} is read-only")
        return full

    def read_file(self, path: str, start_line: int = 1, end_line: int | None = None) -> str:
        """The text of a file, or of the lines from `start_line` to `end_line`, both included."""
        lines = self._file(path).read_text(encoding="utf-8").splitlines()
        if start_line > max(len(lines), 1):
            raise Refused(f"{path} has only {len(lines)} lines")
        return _paged(lines[start_line - 1 : end_line], self.page, "lines") or "(empty)"

    def write_file(self, path: str, content: str) -> str:
        """Create or replace a file; folders on the way are made."""
        full = self._writable(path)
        existed = full.exists()
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(content, encoding="utf-8")
        return f"{'Replaced' if existed else 'Created'} {path} ({len(content.splitlines())} lines)"

    def list_directory(self, path: str) -> str:
        """Sorted names; folders end with a slash."""
        full = self.path(path)
        if not full.exists():
            raise Refused(f"no such directory: {path}")
        if not full.is_dir():
            raise Refused(f"{path} is a file, not a directory")
        names = [
            f"{entry.name}/" if entry.is_dir() else entry.name
            for entry in sorted(full.iterdir())
            if entry.name not in SKIPPED
        ]
        return "\n".join(names) or "(empty)"

    def files(self, below: str = ".") -> list[str]:
        """All files below a folder, or the file itself, as sorted relative paths."""
        full = self.path(below)
        found = [full] if full.is_file() else sorted(full.rglob("*"))
        relative = [each.relative_to(self.root) for each in found if each.is_file()]
        return [each.as_posix() for each in relative if not SKIPPED & set(each.parts)]

    def texts(self) -> dict[str, str]:
        """What the files hold, by path."""
        names = self.files()
        return {name: (self.root / name).read_text(encoding="utf-8") for name in names}

    def search(self, pattern: str, path: str = ".", glob: str = "*") -> str:
        """Lines that match, as path:line: text."""
        try:
            wanted = re.compile(pattern)
        except re.error as error:
            raise Refused(f"invalid regular expression {pattern!r}: {error}") from None
        if not self.path(path).exists():
            raise Refused(f"no such file or directory: {path}")
        found = [
            f"{name}:{number}: {line.strip()}"
            for name in self.files(path)
            if fnmatch.fnmatch(PurePosixPath(name).name, glob)
            for number, line in enumerate(
                (self.root / name).read_text(encoding="utf-8").splitlines(), start=1
            )
            if wanted.search(line)
        ]
        return _paged(found, self.matches, "matches") or "No matches."

    def apply_patch(self, patch: str) -> str:
        """Apply a unified diff to one or more files: all of it, or nothing."""
        import whatthepatch

        try:
            parts = list(whatthepatch.parse_patch(patch))
        except (ValueError, IndexError, whatthepatch.exceptions.WhatThePatchException) as error:
            raise Refused(f"the patch cannot be read: {error}") from None
        if not parts or any(part.header is None or not part.changes for part in parts):
            raise Refused("the patch cannot be read: it needs ---, +++ and @@ lines")
        new: dict[str, str] = {}
        said = []
        for part in parts:
            path = re.sub(r"^[ab]/", "", part.header.new_path)
            creates = part.header.old_path == "/dev/null"
            full = self._writable(path) if creates else self._file(path)
            self._writable(path)
            old = "" if creates else full.read_text(encoding="utf-8")
            try:
                lines = whatthepatch.apply_diff(part, old)
            except whatthepatch.exceptions.HunkApplyException as error:
                raise Refused(f"the patch does not apply to {path}: {_mismatch(error)}") from None
            new[path] = "\n".join(lines) + "\n"
            plus = sum(change.old is None for change in part.changes)
            minus = sum(change.new is None for change in part.changes)
            said.append(f"{'Created' if creates else 'Patched'} {path} (+{plus} -{minus})")
        for path, text in new.items():
            self.path(path).parent.mkdir(parents=True, exist_ok=True)
            self.path(path).write_text(text, encoding="utf-8")
        return "\n".join(said)

    def run_python(self, code: str, timeout: int = 5) -> str:
        """Run code as main.py in the folder; a traceback shows the project's own frames."""
        return self._run(lambda: _main(self.root, code), timeout)

    def run_tests(self, path: str = ".", keyword: str = "") -> str:
        """Run pytest; the result is its output without durations."""
        if not self.path(path.partition("::")[0]).exists():
            raise Refused(f"no such file or directory: {path}")
        self._require_own_names()
        words = ["-q", "--no-header", "--tb=short", "--color=no", "-p", "no:cacheprovider"]
        words += ["--capture=sys"]  # the other kinds write temporary files outside the folder
        words += ["-c", "/dev/null", "--rootdir", str(self.root)]
        # Else pytest lists the folder above, in which every temporary file of the machine may lie.
        words += ["--confcutdir", str(self.root)]
        words += ["--import-mode=importlib"]
        words += ["-k", keyword] if keyword else []
        words += [word for plugin in NEEDLESS for word in ("-p", f"no:{plugin}")]

        def work() -> int:
            import pytest

            gc.disable()  # it would look through pytest's own objects, and find little
            return int(pytest.main([*words, path]))

        _know_modules()
        text = self._run(work, 20)
        text = re.sub(r" in \d+\.\d+s( \([\d:]+\))?", "", text)
        text = re.sub(r"^([=_])+ (.*?) [=_]+$", r"\1\1 \2 \1\1", text, flags=re.MULTILINE)
        return re.sub(r" {3,}(\[ *\d+%\])$", r" \1", text, flags=re.MULTILINE)

    def http_request(self, method: str, path: str, json: Mapping[str, Any] | None = None) -> str:
        """Start the app of app.py on loopback, send one request, and stop it."""
        if not (self.root / "app.py").exists():
            raise Refused("no such file: app.py, so there is no app to send a request to")
        self._require_own_names()
        return self._run(lambda: _request(method, path, json), 10)

    def git_status(self) -> str:
        """As `git status --short` prints it."""
        from dulwich import porcelain

        repository = self._repository()
        status = porcelain.status(repository, untracked_files="all")
        marks = {"add": "A ", "delete": "D ", "modify": "M "}
        lines = [
            (name.decode(), marks[kind]) for kind, names in status.staged.items() for name in names
        ]
        for name in status.unstaged:
            text = name.decode()
            lines.append((text, " M" if (self.root / text).exists() else " D"))
        lines += [(os.fsdecode(name), "??") for name in status.untracked]
        return "\n".join(f"{mark} {name}" for name, mark in sorted(lines)) or "nothing to commit"

    def git_diff(self, path: str = ".") -> str:
        """As `git diff` prints it, for files that git tracks."""
        from dulwich import porcelain

        repository = self._repository()
        stream = io.BytesIO()
        porcelain.diff(repository, paths=None if path == "." else [path.encode()], outstream=stream)
        return stream.getvalue().decode() or "(no changes)"

    def git_commit(self, message: str) -> str:
        """Commit all changes, new files included."""
        from dulwich import porcelain

        repository = self._repository()
        if self.git_status() == "nothing to commit":
            raise Refused("nothing to commit")
        changed = len(self.git_status().splitlines())
        porcelain.add(repository, [str(self.root)])
        for name in porcelain.status(repository).unstaged:  # deleted files
            porcelain.remove(repository, [str(self.root / name.decode())])
        commit = porcelain.commit(
            repository, message=message.encode(), author=AUTHOR, committer=AUTHOR,
            author_timestamp=COMMIT_TIME, commit_timestamp=COMMIT_TIME,
            author_timezone=0, commit_timezone=0,
        )  # fmt: skip
        files = "1 file" if changed == 1 else f"{changed} files"
        return f"[main {commit.decode()[:7]}] {message.splitlines()[0]}\n{files} changed"

    def _repository(self) -> Any:
        from dulwich.repo import Repo

        if not (self.root / ".git").exists():
            raise Refused("not a git repository")
        return Repo(str(self.root))

    def _require_own_names(self) -> None:
        """A module named like an imported one would be taken for it."""
        for name in self.files():
            module = PurePosixPath(name).parts[0].removesuffix(".py")
            if module in sys.stdlib_module_names or module in (
                "flask",
                "pytest",
                "synthia",
                "datagen",
            ):
                raise Unfit(f"{name} has the name of a module that exists already")

    def _run(self, work: Callable[[], int], seconds: int) -> str:
        try:
            self.exit_code, text = confinement.run(self.root, work, seconds=seconds)
        except confinement.TimedOut:
            raise Refused(f"timed out after {seconds} s") from None
        lines = text.splitlines()
        if self.screen is None or len(lines) <= self.screen:
            return text
        end = self.screen * 2 // 3  # what matters stands there: errors, summaries
        left = f"... ({len(lines) - self.screen} lines left out) ..."
        return "\n".join([*lines[: self.screen - end], left, *lines[-end:]])


@lru_cache(maxsize=1)
def _preload() -> None:
    """Do once what each forked child would do again: imports, and inspect's walk over all modules.

    pytest loads its plugins late, and asks inspect where a failed test stands.
    """
    for module in PRELOADED:
        importlib.import_module(module)
    for plugin in importlib.import_module("_pytest.config").default_plugins:
        importlib.import_module(f"_pytest.{plugin}")
    _know_modules()
    gc.freeze()


def _know_modules() -> None:
    """Let inspect walk over the modules that are new since, so that no forked child has to."""
    inspect.getmodule(compile("", "of no module", "exec"))  # for a known file it does not walk


def _paged(lines: list[str], most: int | None, what: str) -> str:
    """As many lines as are shown at once, and how many are left."""
    left = len(lines) - (most or len(lines))
    return "\n".join(lines if left <= 0 else [*lines[:most], f"... ({left} more {what})"])


def _mismatch(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else "its context is not in the file"


def _main(root: Path, code: str) -> int:
    import linecache

    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    linecache.clearcache()
    try:
        exec(compile(code, "main.py", "exec"), module.__dict__)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except BaseException as error:
        sys.stdout.flush()
        frames = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == "main.py" or frame.filename.startswith(str(root))
        ]
        if frames:
            print("Traceback (most recent call last):", file=sys.stderr)
        for frame in frames:
            place = f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
            print(place, file=sys.stderr)
        print(f"{type(error).__name__}: {error}".rstrip(": "), file=sys.stderr)
        return 1
    return 0


def _request(method: str, path: str, body: Mapping[str, Any] | None) -> int:
    import http.client
    import logging
    import threading

    from werkzeug.serving import make_server

    logging.disable(logging.CRITICAL)
    try:
        app = importlib.import_module("app").app
    except Exception as error:
        print(f"Error: app.py does not start: {type(error).__name__}: {error}")
        return 1
    server = make_server("127.0.0.1", 0, app)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
    headers = {} if body is None else {"Content-Type": "application/json"}
    data = None if body is None else json.dumps(body)
    connection.request(method, path, body=data, headers=headers)
    response = connection.getresponse()
    kind = (response.getheader("Content-Type") or "").partition(";")[0]
    print(f"{response.status} {response.reason} {kind}".rstrip())
    print(response.read().decode().strip())
    return 0
