"""The family `flask_routes`: a small Flask app exists, and the user wants something about its routes.

The assistant looks, changes files, and sends real requests. What it reports is read from the
responses; a response that is not as wanted is a bug of the scenario.

Not covered: the apps, the changes and the sentences, in the sibling modules.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from datagen.families.flask_routes import (
    changes_of_reading as reading,
    changes_of_writing as writing,
    mends,
)
from datagen.families.flask_routes.apps import (
    Shape,
    create_view,
    draw,
    list_view,
    one_view,
    render,
)
from datagen.families.flask_routes.change import Ask, Change, fresh
from datagen.families.flask_routes.replies import (
    Reply,
    describe,
    names_in,
    read,
    with_articles,
    words_of,
)
from datagen.families.flask_routes.texts import texts
from datagen.patches import diff
from datagen.session import Call, Session


class Ended(Exception):
    """The row ends with the call that was just made."""


@dataclass
class Job:
    """A conversation that may end with a call."""

    session: Session
    words: dict[str, str]
    stop: str

    def pick(self, forms: tuple[str, ...], **more: str) -> str:
        """One of the forms, filled in."""
        return with_articles(self.session.random.choice(forms).format(**{**self.words, **more}))

    def calls(self, step: str, calls: list[Call], **more: str) -> list[str]:
        """Call tools, about half of the time after a sentence; ends the row at the chosen step."""
        rng = self.session.random
        self.session.offer(*{name: 0 for name, _ in calls})
        saying = self.pick(texts.say[step], **more) if rng.random() < 0.5 else ""
        if step == self.stop and len(calls) == 1:
            self.session.last_call(*calls[0], saying=saying)
            raise Ended
        return self.session.calls(calls, saying=saying)

    def request(self, step: str, ask: Ask) -> "Reply":
        """Send a request, and see that its answer is the wanted one."""
        arguments: dict[str, Any] = {"method": ask.method, "path": ask.path}
        if ask.body is not None:
            arguments["json"] = ask.body
        call: Call = ("http_request", arguments)
        reply = read(self.calls(step, [call], request=f"{ask.method} {ask.path}")[0])
        if reply.status != ask.status:
            raise AssertionError(f"{ask}: {reply}")
        return reply


def _upper(text: str) -> str:
    return text if re.match(r"[a-z]\S*[_./]", text) else text[:1].upper() + text[1:]


def _open(job: Job, kind: str, after: tuple[str, ...]) -> None:
    """The system prompt, where there is one, and what the user asks for."""
    rng = job.session.random
    if rng.random() < 0.25:
        rules = rng.sample(texts.rules, rng.randint(0, 2))
        job.session.system(" ".join([rng.choice(texts.roles), *rules]).format(**job.words))
    parts = [_upper(job.pick(texts.ask[kind]))]
    form = rng.random()
    if form < 0.45:
        parts.insert(0, _upper(job.pick(texts.before)))
    if "extra" in job.words:
        parts.append(job.words["extra"])
    if 0.25 < form < 0.75:
        parts.append(job.pick(after))
    job.session.user(("\n\n" if rng.random() < 0.12 else " ").join(parts))


def _look(
    job: Job, files: dict[str, str], shape: Shape, changed: frozenset[str] = frozenset()
) -> None:
    """Find and read the files with the code, and those that will be changed."""
    rng = job.session.random
    way = rng.random()
    if "test_app.py" in changed and not job.session.knows("test_app.py"):
        way = 0.0  # the listing shows that there are tests
    if way < 0.35:
        job.calls("list", [("list_directory", {"path": "."})])
    elif way < 0.5:
        target = "bp" if shape.blueprint else "app"
        job.calls(
            "search",
            [
                (
                    "search",
                    {
                        "pattern": rng.choice((rf"@{target}\.", shape.path, r"@\w+\.")),
                        "glob": "*.py",
                    },
                )
            ],
        )
    wanted = [path for path in files if path in (shape.views, f"{shape.store}.py")]
    if "app.py" not in wanted and ((way >= 0.35 and shape.blueprint) or "app.py" in changed):
        wanted.insert(0, "app.py")
    if "test_app.py" in changed or (
        shape.tests and rng.random() < 0.25 and job.session.knows("test_app.py")
    ):
        wanted.append("test_app.py")
    reads: list[Call] = [("read_file", {"path": path}) for path in wanted]
    if way < 0.35 and len(reads) > 1:
        job.calls("read", reads, file=" and ".join(wanted))
        return
    for path, call in zip(wanted, reads, strict=True):
        job.calls("read", [call], file=path)


def _change(job: Job, before: dict[str, str], after: dict[str, str]) -> None:
    """Bring the files from before to after, by a patch or as a whole file."""
    changed = [path for path in after if after[path] != before.get(path)]
    rng = job.session.random
    only = changed[0] if len(changed) == 1 else ""
    call: Call
    told = " ".join(message["content"] for message in job.session.messages[:2])
    patches = any(words in told for words in ("Patch it", "Prefer patches", "as possible"))
    if only and len(after[only]) < 950 and not patches and rng.random() < 0.5:
        call = ("write_file", {"path": only, "content": after[only]})
    else:
        # Without the line that git writes, a second file would be read as a part of the first.
        heads = [f"diff --git a/{path} b/{path}\n" if not only else "" for path in changed]
        patch = "".join(
            head + diff(path, before[path], after[path])
            for head, path in zip(heads, changed, strict=True)
        )
        call = ("apply_patch", {"patch": patch})
    result = job.calls("patch", [call], file=" and ".join(changed))[0]
    if result.startswith("Error"):
        raise AssertionError(result)


def _trace(job: Job, change: Change) -> dict[str, str]:
    """Show the exception behind a 500; what it is and where it came from."""
    result = job.calls("trace", [("run_python", {"code": change.code})])[0]
    frames = re.findall(r'File "(.+?)", line (\d+), in (\w+)', result)
    own = [frame for frame in frames if frame[0] != "main.py"]
    error = result.splitlines()[-1]
    if not own:  # Flask itself complains about what the view returned
        error = error.partition(":")[0]
        return {"error": error, "function": f"get_{change.shape.one}", "place": change.shape.views}
    file, line, function = own[-1]
    function = function if not function.startswith("<") else own[0][2]
    return {
        "error": f"`{error}`",
        "function": function.strip("<>"),
        "place": f"{file}, line {line}",
    }


def _article(error: str) -> str:
    return error if error.startswith("`") else f"a {error}"


def _evidence(job: Job, change: Change, kind: str) -> list[str]:
    """Send the requests that show the change, run tests, and put into words what they gave."""
    rng = job.session.random
    said = []
    forms = rng.sample(texts.evidence, len(texts.evidence))
    listing = kind in ("filtering", "paging") and rng.random() < 0.6
    count = 1 if listing else 2
    for ask, form in zip(change.checks[:count], forms, strict=False):
        reply = job.request("check", ask)
        if ask.names is not None and names_in(reply, change.shape) != ask.names:
            raise AssertionError(f"{ask}: {reply}")
        words = {"request": f"`{ask.method} {ask.path}`", "answer": describe(reply, change.shape)}
        said.append(form.format(**words))
        if kind == "not_found" and reply.html:
            raise AssertionError(f"{ask}: still HTML")
    if kind == "location":
        result = job.calls("header", [("run_python", {"code": change.code})])[0]
        status, _, target = result.splitlines()[0].partition(" ")
        if status != "201" or "None" in result.splitlines()[1]:
            raise AssertionError(result)
        said.append(
            f"The test client shows {status} with `Location: {target}`, "
            f"and that URL returns the new {change.shape.one}."
        )
    if change.shape.tests:
        result = job.calls(
            "tests", [("run_tests", {"path": "test_app.py"} if rng.random() < 0.5 else {})]
        )[0]
        found = re.search(r"^(\d+) passed$", result, re.MULTILINE)
        if not found:
            raise AssertionError(result)
        count_of_tests = "1 test" if found[1] == "1" else f"{found[1]} tests"
        said.append(job.pick(texts.passed, count=count_of_tests))
    return said


def _carry_out(session: Session, kind: str, change: Change) -> None:
    """One conversation about a change."""
    rng = session.random
    session.files(change.before)
    stop = rng.choices(("", "patch", "check", "tests", "read", "reproduce"), (52, 22, 12, 6, 4, 4))[
        0
    ]
    job = Job(session, {**words_of(change.shape), **change.words}, stop)
    changed = frozenset(
        path for path, text in change.before.items() if change.after.get(path) != text
    )
    more = "test_app.py" in changed
    _open(job, kind, tuple(each for each in texts.after if not (more and each in texts.small)))
    said = []
    try:
        earlier = None
        if change.symptom and (kind == "crash" or rng.random() < 0.7):
            earlier = job.request("reproduce", change.symptom)
        found = {**change.facts}
        traced = kind == "crash"
        if traced:
            found |= _trace(job, change)
            found["error"] = _article(found["error"])
        _look(job, change.before, change.shape, changed)
        _change(job, change.before, change.after)
        said = _evidence(job, change, kind)
        said.insert(0, _upper(job.pick(texts.done[kind], **found)))
        if traced:
            said.insert(1, _upper(f"{found['fix']}."))
        elif earlier and rng.random() < 0.6:
            said.insert(2, job.pick(texts.earlier, answer=describe(earlier, change.shape)))
    except Ended:
        pass
    else:
        session.say(" ".join(said))
    _offer_more(session)


def _offer_more(session: Session) -> None:
    """Declare more tools than are called; fewer where the row is long."""
    size = len(json.dumps(session.messages)) + sum(
        len(json.dumps(session.bench.schemas[name])) for name in session.offered
    )
    session.offer(others=session.random.randint(0, 4) if size < 4600 else 0)


def _scenario(kind: str, make: Callable[[Any], Change]) -> Callable[[Session], None]:
    def scenario(session: Session) -> None:
        _carry_out(session, kind, make(session.random))

    scenario.__name__ = kind
    scenario.__doc__ = make.__doc__
    return scenario


def question(session: Session) -> None:
    """Tell what an endpoint answers, without a change."""
    rng = session.random
    s = draw(rng, json_missing=rng.random() < 0.8)
    views = rng.choice(([list_view(s), one_view(s)], [list_view(s), one_view(s), create_view(s)]))
    session.files(render(s, views))
    known = rng.choice(s.records)["id"]
    asks = [
        Ask("GET", s.path, 200),
        Ask("GET", f"{s.path}/{known}", 200),
        Ask("GET", f"{s.path}/{s.absent}", 404),
        Ask("DELETE", f"{s.path}/{known}", 405),
        Ask("GET", f"{s.path}/{s.records[0][s.kind]}", 404),
    ]
    if len(views) == 3:
        asks.append(Ask("POST", s.path, 201, fresh(s, rng)))
    ask = rng.choice(asks)
    stop = rng.choices(("", "check", "read"), (70, 24, 6))[0]
    said = f"{ask.method} {ask.path}" + (f" with {json.dumps(ask.body)}" if ask.body else "")
    job = Job(session, {**words_of(s), "request": said}, stop)
    _open(job, "question", texts.after_question)
    try:
        if rng.random() < 0.4:
            _look(job, {s.views: ""}, s)
        reply = job.request("check", ask)
    except Ended:
        pass
    else:
        short = f"`{ask.method} {ask.path}`"
        session.say(_upper(job.pick(texts.answers, request=short, answer=describe(reply, s))))
    _offer_more(session)


SCENARIOS = (
    _scenario("single", reading.single),
    _scenario("deletion", writing.deletion),
    _scenario("status", mends.status),
    _scenario("validation", writing.validation),
    _scenario("filtering", reading.filtering),
    _scenario("crash", mends.crash),
    _scenario("paging", reading.paging),
    _scenario("sorting", reading.sorting),
    _scenario("not_found", reading.not_found),
    _scenario("location", writing.location),
    _scenario("update", writing.update),
    _scenario("action", writing.action),
    _scenario("stats", reading.stats),
    _scenario("wrong_list", mends.wrong_list),
    question,
)
