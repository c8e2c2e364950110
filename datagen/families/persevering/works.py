"""Work of many steps: a plan and what is left of it, a name used in many places, code that a user sends.

Not covered: looking for one fault (`datagen.families.persevering.hunts`), and the files
(`datagen.families.persevering.project`).
"""

import ast
import re
from collections.abc import Sequence

from datagen.families.persevering.hunts import (
    CALLER,
    CALLERS,
    PRINTS,
    called,
    caller_tests,
    into,
    plain_case,
    require,
    stem_of,
    tests_folder,
)  # fmt: skip
from datagen.families.persevering.project import (
    Fault,
    Module,
    Package,
    broken,
    draw,
    renamed,
    tests_of,
    value,
    with_tests,
)  # fmt: skip
from datagen.families.persevering.talk import Talk, begin, close
from datagen.families.persevering.texts import texts
from datagen.phrasing import code, counted
from datagen.session import Session
from datagen.worlds import functions
from datagen.worlds.functions import Drawn

SHOWN = 2
"""Of a fault in a plan at most so many tests fail."""
REGISTRY = '''"""Functions of {core} by name, for the command line of {project}."""

from typing import Any

from {project} import {stem}

NAMES = (
{names}
)


def call(name: str, *values: Any) -> Any:
    """Return what a function gives for the values. Raises KeyError for a name that is not listed."""
    if name not in NAMES:
        raise KeyError(name)
    return getattr({stem}, name)(*values)
'''
REGISTRY_TESTS = """import pytest

from {project}.{registry} import NAMES, call


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_a_function(name: str) -> None:
    with pytest.raises(TypeError):
        call(name, *[None] * 20)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(KeyError):
        call("no_such_name")
"""


def plan_of_several(session: Session) -> None:
    """Several functions fail: a plan, the first part of it, a question in between, and the rest."""
    rng = session.random
    count = rng.choice((3, 3, 4))
    package, found = broken(session, (16, 26), (2, 3), count)
    modules = [module for module in package.modules if module in [fault.module for fault in found]]
    found.sort(key=lambda fault: modules.index(fault.module))
    files = {}
    for module in package.modules:
        own = [fault for fault in found if fault.module is module]
        files[module.path] = module.text({fault.fn.name: fault.source for fault in own})
        if own:
            seeded = {f.fn.name: [*f.right[:1], *f.wrong[:SHOWN]] for f in own}
            files[module.tests] = tests_of(rng, module, seeded)
    talk = begin(session, package, files)
    talk.user(texts.plan_wanted)
    talk.look_around(package)
    run = talk.run()
    require(set(run.failed) == {name for f in found for name in _tests(f)}, run.text)
    place = {f.fn.name: min(run.failed.index(name) for name in _tests(f)) for f in found}
    order = sorted(found, key=lambda f: place[f.fn.name])
    points = [
        talk.pick(texts.point, number=str(number), fn=f.fn.name, tests=code(_tests(f)))
        for number, f in enumerate(order, start=1)
    ]
    talk.say(texts.plan, counts=run.counts, points="\n".join(points))
    stop = rng.randint(1, count - 1)
    talk.user(texts.plan_first if stop == 1 else texts.plan_some, number=str(stop))
    done: list[str] = []
    for number, fault in enumerate(order[:stop], start=1):
        done.append(_point(talk, fault, number))
    left = order[stop:]
    rest = [
        talk.pick(texts.point_left, number=str(number), fn=f.fn.name)
        for number, f in enumerate(left, start=stop + 1)
    ]
    talk.say(texts.plan_left, done="\n".join(done), left="\n".join(rest))
    others = [(m, p) for m, p in package.parts if p.name not in [f.fn.name for f in found]]
    asked = [(m, p) for m, p in others if session.knows(p.name) and plain_case(p)]
    if asked and rng.random() < 0.75:
        _aside(talk, *rng.choice(asked), [f.fn.name for f in left])
    talk.user(texts.plan_go_on, left=code([f.fn.name for f in left]))
    again = [_point(talk, fault, number) for number, fault in enumerate(left, start=stop + 1)]
    run = talk.green()
    talk.say(texts.plan_done, done="\n".join(again), counts=run.counts)
    talk.commit(talk.pick(texts.messages["plan"], names=" and ".join(f.fn.name for f in order[:2])),
                [fault.module.path for fault in found])  # fmt: skip
    close(talk)


def _tests(fault: Fault) -> list[str]:
    """The tests that fail of a function, by name."""
    return [f"test_{fault.fn.name}_{case.name}" for case in fault.wrong[:SHOWN]]


def _point(talk: Talk, fault: Fault, number: int) -> str:
    """Do one point of the plan; returns the line that says what was wrong."""
    into(talk, fault, talk.pick(texts.next_point, number=str(number), fn=fault.fn.name))
    talk.mend(fault, 1, talk.pick(texts.cause, cause=fault.bugs[0].cause, fn=fault.fn.name))
    talk.green(fault.module.tests, keyword=fault.fn.name)
    return f"{number}. `{fault.fn.name}`: {fault.bugs[0].cause}"


def _aside(talk: Talk, module: Module, part: Drawn, left: Sequence[str]) -> None:
    """A question about another function, and back to the plan."""
    case = plain_case(part)
    if case is None:
        raise AssertionError(part.name)
    call = f"{part.name}({functions.double_quoted(case[1])})"
    talk.user(texts.aside, call=call)
    line = f"from {module.name} import {part.name}\n\nprint(repr({call}))"
    shown = talk.call("run_python", {"code": line}, talk.beside("try", call=call))
    require(ast.literal_eval(shown) == ast.literal_eval(case[2]), shown)
    forms = texts.aside_one_left if len(left) == 1 else texts.aside_left
    talk.say(forms, call=call, shown=shown, left=code(left))


def wide_rename(session: Session) -> None:
    """A name is changed in all calls and imports; a test stays red, since the name stands in a text too."""
    rng = session.random
    able: list[Drawn] = []
    while not able:
        package = draw(session, (16, 28), (1, 2))
        core = package.modules[0]
        able = [part for part in core.parts if plain_case(part) and _other_names(part, package)]
    part = rng.choice(able)
    name, new = part.name, rng.choice(_other_names(part, package))
    stem = core.name.rpartition(".")[2]
    printer = stem_of(package, rng, PRINTS)
    registry = stem_of(package, rng, ("registry", "commands", "dispatch", "menu"))
    others = [p for p in core.parts if p is not part and plain_case(p)]
    beside = rng.sample(others, min(len(others), 2))
    shown = sorted([part, *beside], key=lambda each: each.name)
    path = f"{package.name}/{printer}.py"
    text = CALLERS.format(
        what="Text output", project=package.name,
        imports=f"from {core.name} import {', '.join(each.name for each in shown)}",
    )  # fmt: skip
    for each in shown:
        text += CALLER.format(caller=f"show_{number_of(shown, each)}", fn=each.name,
                              made=f'f"{{label}}: {{{each.name}(*values)}}"')  # fmt: skip
    tested = []
    for each in shown:
        own = plain_case(each)
        tested.append((f"show_{number_of(shown, each)}", called("show", own)[1]))
    tests = f"{tests_folder(package)}test_{printer}.py"
    some = rng.sample(core.parts, min(5, len(core.parts)))
    listed = sorted({name, *(each.name for each in some)})
    registry_path = f"{package.name}/{registry}.py"
    registry_tests = f"{tests_folder(package)}test_{registry}.py"
    files = {
        core.path: core.text({}),
        core.tests: tests_of(rng, core, {name: list(part.cases[:3])}),
        path: text,
        tests: caller_tests(f"{package.name}.{printer}", tested),
        registry_path: REGISTRY.format(
            core=core.path, project=package.name, stem=stem,
            names="\n".join(f'    "{each}",' for each in listed),
        ),
        registry_tests: REGISTRY_TESTS.format(project=package.name, registry=registry),
    }  # fmt: skip
    for module in package.modules[1:]:
        files[module.path] = module.text({})
    talk = begin(session, package, files)
    talk.words |= {
        "fn": name,
        "new": new,
        "registry": registry_path,
        "registry_tests": registry_tests,
    }
    talk.user(texts.rename_wanted)
    talk.look_around(package)
    places = talk.find(
        rf"\b{name}\(|import .*\b{name}\b|^    {name},$", talk.pick(texts.rename_calls)
    )
    touched = list(dict.fromkeys(place for place, _ in places))
    require({core.path, path} <= set(touched) <= {core.path, core.tests, path, tests}, str(touched))
    for place in touched:
        talk.read_whole(place, name if place == core.path else "", talk.beside("read", path=place))
    changes = {place: renamed(talk.now[place], name, new) for place in touched}
    changes = {place: text for place, text in changes.items() if text != talk.now[place]}
    talk.patch(changes, talk.beside("rename"))
    run = talk.run()
    require(run.failed == (f"test_every_name_is_a_function[{name}]",), run.text)
    found = talk.find(rf"\b{name}\b", talk.pick(texts.still_red_text, failed=run.failed[0]))
    require(registry_path in [each for each, _ in found], str(found))
    talk.read(registry_path, talk.beside("read", path=registry_path))
    text = re.sub(rf'"{name}"', f'"{new}"', talk.now[registry_path])
    talk.patch({registry_path: text}, talk.pick(texts.rename_text))
    run = talk.green()
    left = talk.call("search", {"pattern": rf"\b{name}\b"}, talk.beside("check_gone", fn=name))
    require(left == "No matches.", left)
    talk.say(texts.rename_done, counts=run.counts, files=code([*changes, registry_path]),
             many=counted(len(changes) + 1, "file"))  # fmt: skip
    talk.commit(talk.pick(texts.messages["rename"]), [*changes, registry_path])
    close(talk)


def number_of(shown: Sequence[Drawn], part: Drawn) -> str:
    """A name for what prints a function that does not hold the function's own."""
    return ("first", "second", "third")[shown.index(part)]


def _other_names(part: Drawn, package: Package) -> list[str]:
    """What a function could be called as well; none where its name is another word of its module too."""
    module = package.module_of(part.name)
    rest = module.text({part.name: ""})
    if "_" not in part.name or re.search(rf"\b{part.name}\b", rest):
        return []
    taken = [other.name for _, other in package.parts]
    (names,) = (
        f.names for f in functions.FUNCTIONS if f.topic == part.topic and part.name in f.names
    )
    return [name for name in names if name not in taken and part.name not in name]


def own_code(session: Session) -> None:
    """The user sends a function; its tests, from its docstring, show that it is not what it says."""
    rng = session.random
    package, (fault,) = broken(session, (16, 24), (1, 2), 1)
    module, name = fault.module, fault.fn.name
    files = {}
    for each in package.modules:
        files[each.path] = each.text({name: ""} if each is module else {})
        if each is module or rng.random() < 0.4:
            files[each.tests] = tests_of(rng, each, {name: []})
    talk = begin(session, package, files)
    talk.words |= {"fn": name, "path": module.path, "tests": module.tests}
    talk.user(texts.own_code, block=f"```python\n{fault.source.strip()}\n```")
    talk.look_around(package)
    talk.read_whole(module.path, saying=talk.beside("read", path=module.path))
    talk.read_whole(module.tests, saying=talk.beside("read", path=module.tests))
    talk.patch({module.path: module.text({name: fault.source})}, talk.beside("add_code", fn=name))
    cases = [*fault.right[:2], fault.wrong[0]]
    rng.shuffle(cases)
    new = talk.now[module.tests]
    line = next(each for each in new.splitlines() if each.startswith(f"from {module.name} import"))
    with_name = _more_imported(new, line, name)
    talk.patch({module.tests: with_tests(with_name, name, cases)}, talk.beside("write_tests"))
    run = talk.run(module.tests)
    test = f"test_{name}_{fault.wrong[0].name}"
    require(run.failed == (test,), run.text)
    call, got = fault.call(fault.wrong[0]), fault.got[fault.wrong[0].name]
    talk.words |= {"call": call, "got": value(got), "wanted": value(fault.wrong[0].expected)}
    saying = talk.pick(texts.maybe_my_test, failed=test)
    shown = talk.value(package, name, call, saying)
    require(ast.literal_eval(shown) == ast.literal_eval(got), shown)
    number = ("two", "three")[len(cases) - 2]
    cause, counts = fault.bugs[0].cause, run.counts
    talk.say(texts.code_is_wrong, failed=test, number=number, cause=cause, counts=counts)
    talk.user(texts.mend_code)
    talk.mend(fault, 1, talk.beside("patch"))
    run = talk.green() if rng.random() < 0.5 else talk.both_green(module.tests)
    talk.say(texts.code_mended, counts=run.counts, fix=fault.bugs[0].fix)
    changed = [module.path, module.tests]
    if rng.random() < 0.6:
        talk.user(texts.where_used)
        found = talk.find(rf"\b{name}\b", talk.beside("who_uses", fn=name))
        where = {each: sum(own == each for own, _ in found) for each, _ in found}
        places = " and ".join(f"{each} ({counted(n, 'line')})" for each, n in where.items())
        talk.say(texts.used_here, places=places)
    talk.commit(talk.pick(texts.messages["add"]), changed)
    close(talk)


def _more_imported(text: str, line: str, name: str) -> str:
    """A test file that imports one more function."""
    if line.endswith("("):
        listed = re.sub(r"^\)$", f"    {name},\n)", text, count=1, flags=re.MULTILINE)
        return renamed(listed, name, name)
    before, _, names = line.partition(" import ")
    return text.replace(line, f"{before} import {', '.join(sorted([*names.split(', '), name]))}")
