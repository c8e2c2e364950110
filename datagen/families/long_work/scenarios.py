"""The family `long_work`: several requests about one project in a git repository, up to the commit.

The assistant surveys, mends, adds, renames or reviews; each reply is computed from what the tools
returned, and a result that is not as wanted is a bug of the scenario.

Not covered: the functions (`datagen.worlds.functions`), the web apps
(`datagen.families.flask_routes`), and the sentences (`datagen.families.long_work.texts`).
"""

import random
import re

from datagen.families.flask_routes.changes_of_reading import filtering, single, stats
from datagen.families.flask_routes.changes_of_writing import action, deletion, update, validation
from datagen.families.flask_routes.replies import describe, read, words_of
from datagen.families.flask_routes.texts import texts as web_texts
from datagen.families.long_work.talk import ENDING, Code, Talk, begin, draw_code
from datagen.families.long_work.texts import texts
from datagen.session import Call, Session
from datagen.worlds import functions


def _survey(talk: Talk, code: Code) -> tuple[str, list[str]]:
    """List, read, test: the counts and the failing tests."""
    rng: random.Random = talk.session.random
    listed = rng.random() < 0.6
    if listed:
        talk.call("look", "list_directory", path=".")
    if rng.random() < 0.5:
        talk.call("read", "read_file", path=code.path)
        return talk.tests()
    counts, failed = talk.tests()
    talk.call("read", "read_file", path=code.path)
    return counts, failed


def survey_fix_commit(session: Session) -> None:
    """Take stock, mend the function that fails, commit."""
    code = draw_code(session)
    talk = begin(session, code)
    bad, good = code.module(code.fn.broken(code.bug)), code.module()
    session.files({code.path: bad, code.tests: code.test_text(list(code.fn.cases))})
    session.repository()
    talk.user(texts.overview)
    counts, failed = _survey(talk, code)
    if len(failed) != len(code.bad):
        raise AssertionError(f"{failed} fail instead of {code.bad}")
    said = (
        f"{talk.pick(texts.seen)} {talk.pick(texts.fails, counts=counts, failed=_listed(failed))}"
    )
    session.say(said)
    talk.user(texts.fix)
    talk.patch((code.path, bad, good))
    talk.say(texts.fixed, counts=talk.green())
    talk.commit("fix", [code.path])
    talk.close()


def _listed(names: list[str]) -> str:
    return " and ".join(f"`{name}`" for name in names[:2]) + (" and others" if names[2:] else "")


def add_test_commit(session: Session) -> None:
    """Add a function, then its tests, then commit."""
    code = draw_code(session)
    talk = begin(session, code)
    old, new = code.module(""), code.module()
    old_tests, new_tests = code.test_text([]), code.test_text(list(code.fn.cases))
    session.files({code.path: old, code.tests: old_tests})
    session.repository()
    talk.user(texts.add)
    talk.call("read", "read_file", path=code.path)
    talk.patch((code.path, old, new))
    plain = next(case for case in code.fn.cases if not case[2].startswith("!"))
    call = f"{code.fn.name}({plain[1]})"
    line = f"from {code.path[:-3]} import {code.fn.name}\n\nprint(repr({call}))"
    shown = talk.call("try", "run_python", code=line)
    if eval(shown) != eval(plain[2]):
        raise AssertionError(f"{call}: {shown}")
    talk.say(texts.added, example=f"`{call}` returns `{shown}`")
    talk.user(texts.add_tests)
    talk.call("read", "read_file", path=code.tests)
    talk.patch((code.tests, old_tests, new_tests))
    talk.say(texts.tested, counts=talk.green(), number=str(len(code.fn.cases)))
    talk.commit("add", [code.path, code.tests])
    talk.close()


def report_fix_commit(session: Session) -> None:
    """Confirm a wrong result, mend it with a regression test, commit."""
    code = draw_code(session)
    talk = begin(session, code)
    case = code.bad[0]
    got, wanted = code.got[case[0]], case[2]
    call = f"{code.fn.name}({functions.double_quoted(case[1])})"
    talk.words |= {
        "call": f"`{call}`", "gives": f"raises {got[1:]}" if got[0] == "!" else f"returns `{got}`",
        "should": f"raise {wanted[1:]}" if wanted[0] == "!" else f"return `{wanted}`",
    }  # fmt: skip
    bad, good = code.module(code.fn.broken(code.bug)), code.module()
    fine = [each for each in code.fn.cases if each not in code.bad]
    old_tests, new_tests = code.test_text(fine), code.test_text([*fine, case])
    session.files({code.path: bad, code.tests: old_tests})
    session.repository()
    talk.user(texts.report)
    line = f"from {code.path[:-3]} import {code.fn.name}\n\nprint(repr({call}))"
    shown = talk.call("try", "run_python", code=line).splitlines()[-1]
    if shown.partition(":")[0] != got[1:] and shown != got:
        raise AssertionError(f"{call}: {shown} instead of {got}")
    talk.call("read", "read_file", path=code.path)
    talk.say(texts.reproduced)
    talk.user(texts.regression)
    talk.call("read", "read_file", path=code.tests)
    talk.patch((code.path, bad, good), (code.tests, old_tests, new_tests))
    talk.say(texts.regressed, counts=talk.green(), test=f"test_{code.fn.name}_{case[0]}")
    talk.commit("test", [code.path, code.tests])
    talk.close()


def rename_commit(session: Session) -> None:
    """Find the uses of a name, rename it everywhere, commit."""
    code = draw_code(session)
    talk = begin(session, code)
    rng = session.random
    fn = code.fn.name
    new = rng.choice(code.names)
    talk.words["new"] = new
    script = f"{rng.choice(('demo', 'example', 'summary', 'try_it', 'show', 'sample'))}.py"
    case = code.fn.cases[0]
    show = f"print({fn}({functions.double_quoted(case[1])}))\n"
    old = {
        code.path: code.module(), code.tests: code.test_text([case]),
        script: f"from {code.path[:-3]} import {fn}\n\n{show}",
    }  # fmt: skip
    after = {path: re.sub(rf"\b{fn}\b", new, text) for path, text in old.items()}
    after[code.tests] = re.sub(rf"\btest_{fn}_", f"test_{new}_", after[code.tests])
    names = sorted((new, code.other.name))
    after[code.tests] = re.sub(
        r"import [\w, ]+\n\n\n", f"import {', '.join(names)}\n\n\n", after[code.tests], count=1
    )
    session.files(old)
    session.repository()
    talk.user(texts.uses)
    result = talk.call("search", "search", pattern=fn)
    lines = [line.split(":")[:2] for line in result.splitlines()]
    where = {
        path: sum(each[0] == path for each in lines)
        for path in dict.fromkeys(each[0] for each in lines)
    }
    if sorted(where) != sorted(old):
        raise AssertionError(result)
    places = ", ".join(
        f"{path} ({count} {'line' if count == 1 else 'lines'})" for path, count in where.items()
    )
    talk.say(texts.found_uses, places=places)
    talk.user(texts.rename)
    reads: list[Call] = [("read_file", {"path": path}) for path in old]
    session.offer("read_file")
    session.calls(reads, saying="")
    talk.patch(*((path, old[path], after[path]) for path in old))
    left = talk.call("search", "search", pattern=rf"\b{fn}\b|test_{fn}_")
    if left != "No matches.":
        raise AssertionError(left)
    talk.say(texts.renamed, counts=talk.green(), files=", ".join(old))
    talk.commit("rename", list(old))
    talk.close()


def review_undo(session: Session) -> None:
    """Review an uncommitted edit that breaks a function, then take it back."""
    code = draw_code(session)
    talk = begin(session, code)
    bad, good = code.module(code.fn.broken(code.bug)), code.module()
    session.files({code.path: good, code.tests: code.test_text(list(code.fn.cases))})
    session.repository()
    session.files({code.path: bad})
    talk.user(texts.review)
    if session.random.random() < 0.4:
        talk.call("status", "git_status")
    shown = talk.call("diff", "git_diff")
    if f"+++ b/{code.path}" not in shown:
        raise AssertionError(shown)
    counts, failed = talk.tests()
    right, wrong = (" ".join(text.split()) for text in (code.bug.right, code.bug.wrong))
    forms = texts.reviewed
    if "\n" in (code.bug.right + code.bug.wrong).strip("\n"):  # more than fits into a sentence
        forms = tuple(each for each in forms if "{right}" not in each and "{wrong}" not in each)
    talk.say(forms, counts=counts, failed=_listed(failed), right=right, wrong=wrong or "nothing")
    talk.user(texts.undo)
    talk.patch((code.path, bad, good))
    counts = talk.green()
    if session.random.random() < ENDING:
        session.last_call("git_status", {}, saying=talk.saying("status"))
    else:
        status = talk.call("status", "git_status")
        if status != "nothing to commit":
            raise AssertionError(status)
        talk.say(texts.undone, counts=counts, status=status)
    talk.close()


def web_change_commit(session: Session) -> None:
    """Look at a Flask app, change a route, commit."""
    rng = session.random
    make = rng.choice((deletion, filtering, validation, update, action, stats, single))
    kind = make.__name__
    while True:
        change = make(rng)
        shape = change.shape
        changed = [path for path, text in change.after.items() if change.before[path] != text]
        plain = not shape.tests and len(changed) == 1 and not shape.typed and not shape.blueprint
        short = len(shape.records) == 3 and len("".join(change.before.values())) < 1150
        if plain and short:
            break
    talk = Talk(session, {**words_of(shape), **change.words, "file": shape.views})
    if rng.random() < 0.25:
        session.system(talk.pick(texts.roles))
    session.files(change.before)
    session.repository()
    talk.user(texts.web_overview)
    target = "bp" if shape.blueprint else "app"
    routes = re.findall(
        rf"^(\S+):\d+: @{target}\.(\w+)\((.*)\)$",
        talk.call("search", "search", pattern=rf"@{target}\."),
        re.M,
    )
    talk.call("read", "read_file", path=shape.views)
    reply = read(
        session.call(
            "http_request", {"method": "GET", "path": shape.path}, saying=talk.saying("try")
        )
    )
    listed = []
    for _, name, text in routes:
        path, _, methods = text.partition(", methods=")
        method = re.sub(r"\W", "", methods) or ("GET" if name == "route" else name.upper())
        listed.append(f"- {method} {path.strip(chr(34))}")
    session.say(
        f"{shape.views} has these routes:\n"
        + "\n".join(listed)
        + f"\n\nGET {shape.path} answers {describe(reply, shape)}."
    )
    talk.user(web_texts.ask[kind])
    if shape.storage == "store" and kind == "deletion":
        talk.call("look", "read_file", path=f"{shape.store}.py")
    talk.patch((changed[0], change.before[changed[0]], change.after[changed[0]]))
    said = [talk.pick(web_texts.done[kind])]
    checks = change.checks[: 1 if kind == "filtering" else 2]
    for ask, form in zip(checks, rng.sample(web_texts.evidence, 2), strict=False):
        arguments = {
            "method": ask.method,
            "path": ask.path,
            **({"json": ask.body} if ask.body else {}),
        }
        reply = read(
            session.call(
                "http_request",
                arguments,
                saying=talk.saying("try") if ask is not change.checks[0] else "",
            )
        )
        if reply.status != ask.status:
            raise AssertionError(f"{ask}: {reply}")
        said.append(
            form.format(request=f"`{ask.method} {ask.path}`", answer=describe(reply, shape))
        )
    session.say(" ".join(said))
    talk.words["fn"] = shape.many
    talk.commit("web", changed)
    talk.close()


SCENARIOS = (
    survey_fix_commit, add_test_commit, report_fix_commit, rename_commit, review_undo, web_change_commit,
)  # fmt: skip
