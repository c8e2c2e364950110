"""Faults that are not where they seem to be: an idea is put to the test, refuted, and another one tried.

What is claimed follows from what the tools returned; where that is not as wanted, there is no row.

Not covered: work that is planned (`datagen.families.persevering.works`), and the files
(`datagen.families.persevering.project`).
"""

import ast
import random
import re
from collections.abc import Sequence
from dataclasses import replace

from datagen.families.long_work.talk import test_of
from datagen.families.persevering.project import (
    Fault,
    Module,
    Package,
    broken,
    draw,
    faults,
    tests_of,
    value,
    with_tests,
)  # fmt: skip
from datagen.families.persevering.talk import Talk, begin, close
from datagen.families.persevering.texts import texts
from datagen.session import Session, Unlucky
from datagen.worlds import functions
from datagen.worlds.functions import Case, Drawn

REPORT = '''"""The self-check of {project}: what its functions give for known values."""

{imports}


def line(name: str, value: object) -> str:
    """Return a name and a value as one line of the report."""
    return f"{{name}}: {{value!r}}"


def report() -> list[str]:
    """Return a line for each function that is checked."""
    return [
{lines}
    ]
'''
EXPECTED = """from {module} import report

EXPECTED = [
{lines}
]


def test_report() -> None:
    assert report() == EXPECTED
"""
COPIES = "Earlier copies of functions of {project}, from before they were moved to {core}."
CALLERS = '''"""{what} of {project}."""

from typing import Any

{imports}
'''
CALLER = '''

def {caller}(label: str, *values: Any) -> str:
    """Return the label and what `{fn}` gives for the values."""
    return {made}
'''
HELPER = '''"""How {project} lays out its lines."""


def {helper}(label: str, value: object) -> str:
    """{spec}"""
    return {right}
'''
HELPERS = (
    ("labelled", "Return the label, a colon, a space and the value.", 'f"{label}: {value}"',
     ('f"{label}:{value}"', 'f"{label} : {value}"', 'f"{value}: {label}"', 'f"{label}: {value} "')),
    ("bracketed", "Return the label, a space and the value in square brackets.", 'f"{label} [{value}]"',
     ('f"{label}[{value}]"', 'f"{label} ({value})"', 'f"[{label}] {value}"', 'f"{label} [{value} ]"')),
    ("entry", "Return the label, an equals sign and the value, without spaces.", 'f"{label}={value}"',
     ('f"{label} = {value}"', 'f"{label}=={value}"', 'f"{value}={label}"', 'f"{label}= {value}"')),
    ("arrow_line", "Return the label, a space, an arrow of two characters, a space and the value.",
     'f"{label} -> {value}"',
     ('f"{label}-> {value}"', 'f"{label} - {value}"', 'f"{value} -> {label}"', 'f"{label} => {value}"')),
)  # fmt: skip
"""Name, specification, the right expression, and wrong ones."""
PRINTS = ("printout", "display", "console", "screen", "textview", "listings")
OTHER_PRINTS = ("export", "mailing", "overview", "digest", "handout", "bulletin")


def plain_case(part: Drawn) -> Case | None:
    """A case whose value is short, to be shown in a report."""
    for case in part.cases:
        if case.expected[0] != "!" and len(case.expected) < 50 and "\\" not in case.expected:
            return case
    return None


def tests_folder(package: Package) -> str:
    """Where the package's tests lie, "" for none of their own."""
    return package.modules[0].tests.rpartition("/")[0] + "/"


def stem_of(package: Package, rng: random.Random, stems: Sequence[str]) -> str:
    """The name of a further module, which no module of the package has."""
    taken = [module.name.rpartition(".")[2] for module in package.modules]
    return rng.choice([stem for stem in stems if stem not in taken])


def report_stays_red(session: Session) -> None:
    """A report differs in one line; when that is mended, in another."""
    rng = session.random
    package, found = broken(session, (16, 28), (2, 3), 2)
    checked = [
        (module, part, case)
        for module, part in package.parts
        if part.name not in [fault.fn.name for fault in found] and (case := plain_case(part))
    ]
    lines = rng.sample(checked, min(len(checked), rng.randint(5, 9)))
    lines += [(fault.module, fault.fn, fault.wrong[0]) for fault in found]
    rng.shuffle(lines)
    order = [part.name for _, part, _ in lines]
    found.sort(key=lambda fault: order.index(fault.fn.name))
    first, second = found
    calls = [
        f'        line("{p.name}", {p.name}({functions.double_quoted(c[1])})),' for _, p, c in lines
    ]
    wanted = [repr(f"{part.name}: {ast.literal_eval(case[2])!r}") for _, part, case in lines]
    stem = stem_of(package, rng, ("report", "selfcheck", "overview", "summary"))
    path, tests = f"{package.name}/{stem}.py", f"{tests_folder(package)}test_{stem}.py"
    report = REPORT.format(
        project=package.name, imports=package.imports(order), lines="\n".join(calls)
    )
    expected = EXPECTED.format(
        module=f"{package.name}.{stem}", lines="\n".join(f"    {text}," for text in wanted)
    )
    seeded = {fault.fn.name: fault.right[:2] for fault in found}
    files = {path: report, tests: expected}
    for module in package.modules:
        own = {fault.fn.name: fault.source for fault in found if fault.module is module}
        files[module.path] = module.text(own)
        if own or rng.random() < 0.4:
            files[module.tests] = tests_of(rng, module, seeded)
    talk = begin(session, package, files)
    talk.words |= {"report": path, "tests": tests, "fn": first.fn.name, "fn2": second.fn.name}
    talk.user(texts.report_red)
    talk.look_around(package)
    run = talk.run(tests)
    at = _difference(run.text)
    require(lines[at][1].name == first.fn.name, run.text)
    talk.words["at"] = str(at)
    talk.read(path, talk.pick(texts.maybe_report))
    got = first.got[first.wrong[0].name]
    call = first.call(first.wrong[0])
    shown = talk.value(package, first.fn.name, call, talk.pick(texts.not_report, call=call))
    require(ast.literal_eval(shown) == ast.literal_eval(got), shown)
    talk.words |= {"call": call, "got": value(got), "wanted": value(first.wrong[0].expected)}
    if rng.random() < 0.6:
        saying = talk.pick(texts.own_tests, tests=first.module.tests)
        _own_tests(talk, first, saying)
        into(talk, first, talk.pick(texts.own_tests_green, file=first.module.path))
    else:
        into(talk, first, talk.pick(texts.value_wrong, file=first.module.path))
    talk.mend(first, 1, talk.pick(texts.cause, cause=first.bugs[0].cause, fn=first.fn.name))
    run = talk.run(tests)
    at = _difference(run.text)
    require(lines[at][1].name == second.fn.name, run.text)
    into(talk, second, talk.pick(texts.still_red_line, at=str(at), file=second.module.path))
    talk.mend(second, 1, talk.pick(texts.cause, cause=second.bugs[0].cause, fn=second.fn.name))
    run = talk.green() if rng.random() < 0.5 else talk.both_green(tests)
    talk.say(
        texts.two_causes, cause=first.bugs[0].cause, cause2=second.bugs[0].cause, counts=run.counts,
        file=first.module.path, file2=second.module.path,
    )  # fmt: skip
    changed = [fault.module.path for fault in found]
    if rng.random() < 0.7:
        talk.user(texts.add_cases)
        changed += _add_cases(talk, found)
        talk.say(texts.added_cases, counts=talk.green().counts)
    talk.commit(talk.pick(texts.messages["two"]), changed)
    close(talk)


def _own_tests(talk: Talk, fault: Fault, saying: str) -> None:
    """The function's own tests pass, since they lack the case."""
    run = talk.run(fault.module.tests, saying, keyword=fault.fn.name)
    require(not run.failed, run.text)


def _difference(text: str) -> int:
    """At which index pytest says that two lists differ."""
    found = re.search(r"^E +At index (\d+) diff: ", text, re.MULTILINE)
    if not found:
        raise Unlucky(text)
    return int(found[1])


def require(holds: bool, what: str) -> None:
    """Give a row up whose tools do not show what it would go on from."""
    if not holds:
        raise Unlucky(what)


def into(talk: Talk, fault: Fault, saying: str) -> None:
    """Read a function: found by a search, or by reading its module page by page."""
    if talk.session.random.random() < 0.5 and talk.session.knows(fault.module.path):
        talk.read_whole(fault.module.path, fault.fn.name, saying)
    else:
        talk.look_at(fault, fault.module, saying)


def _add_cases(talk: Talk, found: Sequence[Fault]) -> list[str]:
    """Add the case that showed each fault to its module's tests; the files that are changed."""
    changes: dict[str, str] = {}
    for fault in found:
        path = fault.module.tests
        if path not in changes:
            talk.read_whole(path)
        changes[path] = with_tests(
            changes.get(path, talk.now[path]), fault.fn.name, fault.wrong[:1]
        )
    talk.patch(changes, talk.beside("write_tests"))
    return list(changes)


def stale_copy(session: Session) -> None:
    """The function that is suspected is right; another module imports an old copy of it."""
    rng = session.random
    seeded: list[Fault] = []
    while not seeded:
        package = draw(session, (16, 30), (1, 2))
        core = package.modules[0]
        seeded = faults(session, Package(package.name, (core,)), 1)
    (fault,) = seeded
    name = fault.fn.name
    others = [part for part in core.parts if part.name != name and plain_case(part)]
    kept = rng.sample(others, min(len(others), rng.randint(2, 3)))
    old = stem_of(package, rng, ("compat", "legacy", "old_core", "before_move"))
    doc = COPIES.format(project=package.name, core=core.path)
    copies = Module(f"{package.name}/{old}.py", "", doc, (*kept[:1], fault.fn, *kept[1:]))
    copied = copies.text({name: fault.source})
    one, two = stem_of(package, rng, PRINTS), stem_of(package, rng, OTHER_PRINTS)
    case = fault.wrong[0]
    callers = {
        one: [f"{name}_line", *(f"{part.name}_line" for part in kept[:1])],
        two: [f"describe_{name}"],
    }
    files = {core.path: core.text({}), copies.path: copied,
             core.tests: tests_of(rng, core, {name: [*fault.right[:1], case]})}  # fmt: skip
    for stem, made in callers.items():
        used = [name, *(part.name for part in kept[:1] if len(made) > 1)]
        bodies = [
            CALLER.format(caller=caller, fn=fn, made=f'f"{{label}}: {{{fn}(*values)}}"')
            for caller, fn in zip(made, used, strict=True)
        ]
        imports = f"from {copies.name} import {', '.join(sorted(used))}"
        what = "Text output" if stem == one else "Sentences for mails"
        head = CALLERS.format(what=what, project=package.name, imports=imports)
        files[f"{package.name}/{stem}.py"] = head + "".join(bodies)
        tested = [called(made[0], case)]
        tested += [(caller, called(caller, plain_case(kept[0]))[1]) for caller in made[1:]]
        files[f"{tests_folder(package)}test_{stem}.py"] = caller_tests(
            f"{package.name}.{stem}", tested
        )
    for module in package.modules[1:]:
        files[module.path] = module.text({})
    talk = begin(session, package, files)
    tests = f"{tests_folder(package)}test_{one}.py"
    path, path2 = f"{package.name}/{one}.py", f"{package.name}/{two}.py"
    talk.words |= {"fn": name, "tests": tests, "printer": path, "printer2": path2, "old": copies.path,
                   "old_module": copies.name, "core_module": core.name}  # fmt: skip
    talk.user(texts.suspected)
    talk.look_around(package)
    run = talk.run(tests)
    require(run.failed == (f"test_{name}_line",), run.text)
    run = talk.run(core.tests, talk.pick(texts.suspect_tests))
    require(not run.failed, run.text)
    into(talk, Fault(fault.fn, core, fault.bugs, (), (), {}), talk.pick(texts.suspect_code))
    call = f"{name}({functions.double_quoted(case[1])})"
    shown = talk.value(package, name, call, talk.pick(texts.suspect_call, call=call))
    require(ast.literal_eval(shown) == ast.literal_eval(case[2]), shown)
    talk.read(path, talk.pick(texts.suspect_cleared, call=call, shown=shown))
    places = talk.find(rf"def {name}\b", talk.pick(texts.imports_old))
    require({each for each, _ in places} == {core.path, copies.path}, str(places))
    talk.read_whole(copies.path, saying=talk.beside("read", path=copies.path))
    new = talk.now[path].replace(*_other_import(talk.now[path], copies.name, core.name, name))
    talk.patch({path: new}, talk.pick(texts.old_cause, cause=fault.bugs[0].cause))
    talk.green(tests)
    run = talk.run()
    require(run.failed == (f"test_describe_{name}",), run.text)
    found = talk.find(rf"{old} import", talk.pick(texts.still_red_import, failed=run.failed[0]))
    require(path2 in [each for each, _ in found], str(found))
    talk.read(path2)
    new = talk.now[path2].replace(*_other_import(talk.now[path2], copies.name, core.name, name))
    talk.patch({path2: new}, talk.beside("patch"))
    run = talk.green()
    talk.say(texts.copy_found, counts=run.counts, cause=fault.bugs[0].cause)
    changed = [path, path2]
    if rng.random() < 0.75:
        talk.user(texts.remove_copy)
        left = talk.find(rf"\b{name}\b", talk.beside("who_uses", fn=name), path=package.name)
        require(copies.path in [each for each, _ in left], str(left))
        without = replace(copies, parts=tuple(p for p in copies.parts if p.name != name))
        talk.patch({copies.path: without.text({})}, talk.beside("patch"))
        run = talk.green()
        places = talk.find(rf"def {name}\b", talk.beside("check_gone", fn=name))
        require([each for each, _ in places] == [core.path], str(places))
        talk.say(texts.removed_copy, counts=run.counts)
        changed.append(copies.path)
    talk.commit(talk.pick(texts.messages["copy"]), changed)
    close(talk)


def called(caller: str, case: Case | None) -> tuple[str, Case]:
    """A case of a function as a case of what prints it."""
    if case is None:
        raise AssertionError(caller)
    text = repr(f"{case.name}: {ast.literal_eval(case.expected)}")
    return caller, Case(case.name, f"{case.name!r}, {case.arguments}", text)


def caller_tests(module: str, tested: Sequence[tuple[str, Case]]) -> str:
    """A test file with one test for each function, named by it."""
    names = sorted({name for name, _ in tested})
    lines = [f"from {module} import {', '.join(names)}"]
    for name, case in tested:
        body = test_of(name, case).replace(f"test_{name}_{case.name}", f"test_{name}")
        lines.append(f"\n\n{body}")
    return "\n".join(lines) + "\n"


def _other_import(text: str, old: str, new: str, name: str) -> tuple[str, str]:
    """The import line of a text, and the lines that take one name from another module."""
    line = next(each for each in text.splitlines() if each.startswith(f"from {old} import "))
    left = [each for each in line.partition(" import ")[2].split(", ") if each != name]
    lines = [
        f"from {new} import {name}",
        *([f"from {old} import {', '.join(left)}"] if left else []),
    ]
    return line, "\n".join(sorted(lines))


def two_bugs_in_one(session: Session) -> None:
    """A function has two bugs: mending the first leaves a test red."""
    rng = session.random
    package, (fault,) = broken(session, (16, 30), (1, 2), 1, bugs=2)
    module, name = fault.module, fault.fn.name
    files = {}
    for each in package.modules:
        own = {name: fault.source} if each is module else {}
        files[each.path] = each.text(own)
        if own or rng.random() < 0.5:
            seeded = {name: [*fault.right[:1], *fault.wrong]}
            files[each.tests] = tests_of(rng, each, seeded)
    talk = begin(session, package, files)
    talk.words |= {"fn": name, "path": module.path, "tests": module.tests, "spec": fault.fn.spec}
    talk.user(texts.two_bugs)
    talk.look_around(package)
    known = session.knows(module.path) or session.knows(module.tests)
    run = talk.run(module.tests) if known and rng.random() < 0.6 else talk.run()
    require(set(run.failed) == {f"test_{name}_{case.name}" for case in fault.wrong}, run.text)
    talk.words |= {"count": str(len(run.failed)), "failed": run.failed[0]}
    if rng.random() < 0.6:
        talk.read_whole(module.tests, saying=talk.pick(texts.maybe_tests))
        into(talk, fault, talk.pick(texts.not_tests))
    else:
        into(talk, fault, talk.beside("find", fn=name))
    talk.mend(fault, 1, talk.pick(texts.cause, cause=fault.bugs[0].cause))
    run = talk.run(module.tests, keyword=name)
    require(0 < len(run.failed) < len(fault.wrong), run.text)
    left = next(case for case in fault.wrong if f"test_{name}_{case.name}" == run.failed[0])
    call = fault.call(left)
    saying = talk.pick(texts.still_red_same, failed=run.failed[0], counts=run.counts)
    shown = talk.value(package, name, call, saying)
    talk.read_around(module, name, talk.pick(texts.look_again, call=call, shown=_shown(shown)))
    talk.mend(fault, 2, talk.pick(texts.second_cause, cause=fault.bugs[1].cause))
    run = talk.green() if rng.random() < 0.5 else talk.both_green(module.tests)
    causes = {"cause": fault.bugs[0].cause, "cause2": fault.bugs[1].cause}
    talk.say(texts.both_mended, counts=run.counts, **causes)
    spare = [case for case in fault.fn.cases if case not in (*fault.right[:1], *fault.wrong)]
    changed = [module.path]
    if spare and rng.random() < 0.7:
        case = spare[0]
        wants = f"raise {case[2][1:]}" if case[2][0] == "!" else f"give `{value(case[2])}`"
        talk.user(texts.one_more, call=fault.call(case), wants=wants)
        talk.read_whole(module.tests)
        new = with_tests(talk.now[module.tests], name, [case])
        talk.patch({module.tests: new}, talk.beside("write_tests"))
        talk.say(texts.one_more_added, counts=talk.green(module.tests).counts,
                 test=f"test_{name}_{case.name}")  # fmt: skip
        changed.append(module.tests)
    talk.commit(talk.pick(texts.messages["fix"]), changed)
    close(talk)


def _shown(printed: str) -> str:
    """What a call printed as a part of a sentence."""
    last = printed.splitlines()[-1]
    error = re.match(r"(\w+Error)\b", last)
    return f"raises {error[1]}" if error else f"gives `{last}`"


def many_red_one_cause(session: Session) -> None:
    """Many tests are red for one reason, and one of them for a reason of its own."""
    rng = session.random
    package, (fault,) = broken(session, (16, 28), (1, 2), 1)
    names = [part.name for _, part in package.parts]
    helper, spec, right, wrongs = rng.choice([each for each in HELPERS if each[0] not in names])
    wrong = rng.choice(wrongs)
    shown = [(part, case) for _, part in package.parts
             if part.name != fault.fn.name and (case := plain_case(part))]  # fmt: skip
    shown = rng.sample(shown, min(len(shown), rng.randint(6, 10)))
    shown.insert(rng.randint(1, len(shown)), (fault.fn, fault.wrong[0]))
    stem = stem_of(package, rng, PRINTS)
    layout = stem_of(package, rng, ("layout", "forms", "shaping", "style"))
    path, tests = f"{package.name}/{stem}.py", f"{tests_folder(package)}test_{stem}.py"
    names = [part.name for part, _ in shown]
    imports = f"{package.imports(names)}\nfrom {package.name}.{layout} import {helper}"
    text = CALLERS.format(
        what="Text output", project=package.name, imports=_sorted_imports(imports)
    )
    tested = []
    for part, case in shown:
        caller = f"{part.name}_line"
        text += CALLER.format(
            caller=caller, fn=part.name, made=f"{helper}(label, {part.name}(*values))"
        )
        label, made = case.name, ast.literal_eval(case.expected)
        wanted = eval(right, {"label": label, "value": made})
        tested.append((caller, Case(label, f"{label!r}, {case.arguments}", repr(wanted))))
    layout_path = f"{package.name}/{layout}.py"
    good = HELPER.format(project=package.name, helper=helper, spec=spec, right=right)
    files = {path: text, tests: _long_import(caller_tests(f"{package.name}.{stem}", tested)),
             layout_path: good.replace(right, wrong)}  # fmt: skip
    for module in package.modules:
        own = {fault.fn.name: fault.source} if module is fault.module else {}
        files[module.path] = module.text(own)
    files[package.modules[0].tests] = tests_of(
        rng, package.modules[0], {fault.fn.name: fault.right[:1]}
    )
    talk = begin(session, package, files)
    first, case = shown[0]
    talk.words |= {"tests": tests, "printer": path, "layout": layout_path, "helper": helper,
                   "fn": first.name, "fn2": fault.fn.name, "spec": spec}  # fmt: skip
    talk.user(texts.many_red)
    talk.look_around(package)
    run = talk.run(tests)
    require(len(run.failed) == len(shown), run.text)
    talk.words["count"] = str(len(run.failed))
    call = f"{first.name}({functions.double_quoted(case[1])})"
    module = package.module_of(first.name)
    talk.read(path, talk.pick(texts.maybe_first, failed=run.failed[0]))
    printed = talk.value(package, first.name, call, talk.pick(texts.try_first, call=call))
    require(ast.literal_eval(printed) == ast.literal_eval(case[2]), printed)
    saying = talk.pick(texts.not_first, call=call, shown=printed, file=module.path)
    talk.find(rf"def {helper}\b", saying)
    talk.read(layout_path, talk.beside("read", path=layout_path))
    talk.patch({layout_path: good}, talk.pick(texts.helper_cause, wrong=wrong, right=right))
    run = talk.run(tests)
    require(run.failed == (f"test_{fault.fn.name}_line",), run.text)
    bad = fault.call(fault.wrong[0])
    saying = talk.pick(texts.one_left, failed=run.failed[0], counts=run.counts)
    printed = talk.value(package, fault.fn.name, bad, saying)
    got = fault.got[fault.wrong[0].name]
    require(ast.literal_eval(printed) == ast.literal_eval(got), printed)
    into(talk, fault, talk.pick(texts.value_wrong, file=fault.module.path, fn=fault.fn.name, call=bad,
                                 got=value(got), wanted=value(fault.wrong[0].expected)))  # fmt: skip
    talk.mend(fault, 1, talk.pick(texts.cause, cause=fault.bugs[0].cause, fn=fault.fn.name))
    run = talk.green() if rng.random() < 0.5 else talk.both_green(tests)
    talk.say(
        texts.many_mended, counts=run.counts, cause=fault.bugs[0].cause, wrong=wrong, right=right
    )
    changed = [layout_path, fault.module.path]
    if rng.random() < 0.7:
        talk.user(texts.test_helper)
        new_path = f"{tests_folder(package)}test_{layout}.py"
        wanted = eval(right, {"label": "total", "value": 12})
        body = f"from {package.name}.{layout} import {helper}\n\n\ndef test_{helper}() -> None:\n"
        new = body + f'    assert {helper}("total", 12) == "{wanted}"\n'
        talk.patch({new_path: new}, talk.beside("new_test_file"))
        run = talk.green(new_path)
        talk.say(texts.helper_tested, counts=run.counts, path=new_path)
        changed.append(new_path)
    talk.commit(talk.pick(texts.messages["layout"]), changed)
    close(talk)


def _sorted_imports(text: str) -> str:
    """Import statements sorted by module; those of several lines stay together."""
    statements = re.findall(r"^from ((?:.*\(\n(?:    .*\n)+\)|.*[^(\n]))$", text, re.MULTILINE)
    return "\n".join(
        sorted((f"from {each}" for each in statements), key=lambda each: each.split()[1])
    )


def _long_import(text: str) -> str:
    """A test file whose import of many names stands on several lines."""
    head, _, rest = text.partition("\n")
    before, _, names = head.partition(" import ")
    inner = "".join(f"    {name},\n" for name in names.split(", "))
    return f"{before} import (\n{inner})\n{rest}"
