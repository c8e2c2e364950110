"""Small projects that the conversations are about, drawn from templates.

A template is a file in `datagen/tables/projects/`: lines `name: a | b` that say what is drawn (`3..9`
is a whole number, `10..90..10` one in steps of ten), `settings:` with the keys of a settings file,
then the files, each after a line `=== path`. `$name` is what was drawn; `~` stands for the package,
which may be missing: then modules and tests lie beside each other.

Not covered: README, settings files and logs (`datagen.worlds.documents`).
"""

import ast
import random
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datagen import table
from datagen.table import Table


class Templates(Table):
    """The names of all templates; their order decides what is drawn."""

    templates: tuple[str, ...]


TEMPLATES = tuple(
    (table.TABLES / "projects" / f"{name}.txt").read_text(encoding="utf-8")
    for name in table.read(table.TABLES / "projects.toml", Templates).templates
)


@dataclass(frozen=True)
class Constant:
    """A constant of a module; its value as it is written."""

    name: str
    path: str
    line: int
    value: str


@dataclass(frozen=True)
class Function:
    """A function of a module, with its first and last line."""

    name: str
    path: str
    line: int
    end: int
    doc: str
    source: str
    text: str
    """The whole file."""
    node: ast.FunctionDef

    @property
    def parameters(self) -> list[ast.arg]:
        """Its parameters, those by name included."""
        return [*self.node.args.args, *self.node.args.kwonlyargs]

    @property
    def returns(self) -> str:
        """The type it returns, as it is written."""
        return ast.unparse(self.node.returns) if self.node.returns else "None"


@dataclass(frozen=True)
class Project:
    """What was drawn from a template."""

    name: str
    purpose: str
    files: Mapping[str, str]
    """Modules and tests by path."""
    tests: str
    """The path of the tests."""
    others: Mapping[str, Sequence[str]]
    """By identifier: what it might have been called as well."""
    settings: Mapping[str, Any]
    settings_spec: Mapping[str, str]
    """By key of a setting: what its value is drawn from."""

    @property
    def modules(self) -> list[str]:
        """The paths of the modules, without the tests."""
        return [path for path in self.files if path != self.tests]


def draw(r: random.Random) -> Project:
    """Draw a project."""
    return render(r.choice(TEMPLATES), r)


def render(template: str, r: random.Random) -> Project:
    """Draw names and values, and write the files of a template."""
    head, *parts = re.split(r"^=== ", template.strip(), flags=re.MULTILINE)
    spec = dict(re.findall(r"^(\w+): (.*)$", head, flags=re.MULTILINE))
    purpose, names = spec.pop("purpose"), spec.pop("package").split(" | ")
    keys = dict(entry.split("=", 1) for entry in spec.pop("settings").split("; "))
    package = r.choice(names)
    drawn = {key: drawn_from(choices, r, " | ") for key, choices in spec.items()}
    flat, aside = r.random() < 0.4, r.random() < 0.7
    tests, files = "", {}
    for part in parts:
        path, _, text = part.partition("\n")
        path, text = (string.Template(each).substitute(drawn) for each in (path, text))
        if path.startswith("test "):
            path = f"test_{path.removeprefix('test ')}.py"
            path = path if flat else f"tests/{path}" if aside else f"{package}/{path}"
            tests = path
        text = text.replace("from ~", "from " if flat else f"from {package}.").rstrip("\n")
        files[path.replace("~", "" if flat else f"{package}/")] = tidy(f"{text}\n")
    others = {
        drawn[key]: [name for name in choices.split(" | ") if name != drawn[key]]
        for key, choices in spec.items()
        if key[0] in "cfm"
    }
    settings = {key: setting_from(choices, r) for key, choices in keys.items()}
    return Project(package, purpose, files, tests, others, settings, keys)


def tidy(text: str) -> str:
    """Sort the names of imports: what was drawn may have changed their order."""

    def ordered(found: re.Match[str]) -> str:
        names = sorted(found[2].split(", "), key=lambda name: (not name.isupper(), name))
        return f"{found[1]}{', '.join(names)}"

    return re.sub(r"^(from \S+ import )(.+)$", ordered, text, flags=re.MULTILINE)


def drawn_from(choices: str, r: random.Random, separator: str) -> str:
    """One of several choices, or a number of a range."""
    if found := re.fullmatch(r"(\d+)\.\.(\d+)(?:\.\.(\d+))?", choices):
        first, last, step = (int(each or 1) for each in found.groups())
        return str(r.randrange(first, last + 1, step))
    return r.choice(choices.split(separator))


def setting_from(choices: str, r: random.Random) -> Any:
    """The value of a setting: a text, a number, or true or false."""
    value = drawn_from(choices, r, "|")
    return ast.literal_eval({"true": "True", "false": "False"}.get(value, value))


def other_setting(project: Project, key: str, r: random.Random) -> Any:
    """Another value that a setting might have; None if there is none."""
    for _ in range(20):
        value = setting_from(project.settings_spec[key], r)
        if value != project.settings[key]:
            return value
    return None


def other_number(value: str, r: random.Random) -> str:
    """Another number of the same kind: 8 may become 12, 0.25 may become 0.5."""
    if "." in value:
        return str(round(float(value) * r.choice((0.5, 0.8, 1.2, 1.5, 2)), 3))
    number = int(value)
    step = r.choice((1, 2, 3, 5)) if number < 40 else r.choice((10, 20, 30, 50))
    return str(number + step if number <= step + 1 or r.random() < 0.6 else number - step)


def constants(files: Mapping[str, str]) -> list[Constant]:
    """The constants of all modules that are written as a plain value."""
    found = []
    for path, text in files.items():
        for node in ast.parse(text).body if path.endswith(".py") else []:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                try:
                    ast.literal_eval(node.value)
                except ValueError:
                    continue
                value = ast.get_source_segment(text, node.value) or ""
                if node.lineno == node.end_lineno and len(value) < 40:
                    found.append(Constant(node.targets[0].id, path, node.lineno, value))
    return found


def numbers(files: Mapping[str, str]) -> list[Constant]:
    """The constants that are a number."""
    return [each for each in constants(files) if re.fullmatch(r"\d+|\d+\.\d+", each.value)]


def functions(files: Mapping[str, str]) -> list[Function]:
    """The functions of all modules, tests and methods not counted."""
    found = []
    for path, text in files.items():
        for node in ast.parse(text).body if path.endswith(".py") else []:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("test_"):
                source = ast.get_source_segment(text, node) or ""
                doc = ast.get_docstring(node) or ""
                found.append(
                    Function(
                        node.name, path, node.lineno, node.end_lineno or 0, doc, source, text, node
                    )
                )
    return found


def outcomes(function: Function) -> list[str]:
    """What a function returns and raises, and when, as its statements say."""
    return _outcomes(function.node.body, function.text)


def _outcomes(body: Sequence[ast.stmt], text: str) -> list[str]:
    found: list[str] = []
    for statement in body:
        if isinstance(statement, ast.If):
            last = statement.body[-1]
            if isinstance(last, ast.Return | ast.Raise):
                found.append(f"{_outcome(last, text)} if `{written(statement.test, text)}`")
            else:
                found += _outcomes(statement.body, text)
            found += _outcomes(statement.orelse, text)
        elif isinstance(statement, ast.For | ast.While | ast.Try):
            found += _outcomes(statement.body, text)
        elif isinstance(statement, ast.Return | ast.Raise):
            conditional = any(" if `" in each for each in found)
            otherwise = "otherwise " if conditional else "in the end " if found else ""
            found.append(otherwise + _outcome(statement, text))
    return found


def _outcome(statement: ast.Return | ast.Raise, text: str) -> str:
    if isinstance(statement, ast.Return):
        return f"returns `{written(statement.value, text) if statement.value else 'None'}`"
    error = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    return f"raises `{written(error, text) if error else 'the same error'}`"


def written(node: ast.expr, text: str) -> str:
    """An expression as its file writes it, on one line (ast.unparse differs between Pythons)."""
    line = " ".join((ast.get_source_segment(text, node) or "").split())
    return re.sub(r",? ([\])}])", r"\1", re.sub(r"([\[({]) ", r"\1", line))


def examples(project: Project) -> list[tuple[Function, str, str]]:
    """Calls from the tests that need nothing but the function, with what they must give."""
    known = {function.name: function for function in functions(project.files)}
    found = []
    text = project.files[project.tests]
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Assert) or not isinstance(node.test, ast.Compare):
            continue
        call, expected = node.test.left, node.test.comparators[0]
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        names = {each.id for each in ast.walk(node.test) if isinstance(each, ast.Name)}
        if names == {call.func.id} and call.func.id in known:
            found.append((known[call.func.id], written(call, text), written(expected, text)))
    return found


def module_name(path: str) -> str:
    """The name by which a module is imported."""
    return path.removesuffix(".py").replace("/", ".")


def uses(files: Mapping[str, str], name: str) -> dict[str, list[int]]:
    """By path: the lines on which a name stands."""
    found = {}
    for path, text in sorted(files.items()):
        word = re.compile(rf"\b{name}\b")
        lines = [at for at, line in enumerate(text.splitlines(), start=1) if word.search(line)]
        if lines:
            found[path] = lines
    return found


def new_names(project: Project) -> list[tuple[str, str]]:
    """Names in a project's code with other names that are still free; no name of a file."""
    everything = " ".join(project.files.values())
    return [
        (name, new)
        for name, others in project.others.items()
        for new in others
        if ("_" in name or name.isupper()) and not re.search(rf"\b{new}\b", everything)
        if re.search(rf"\b{name}\b", everything) and not any(name in path for path in project.files)
    ]  # fmt: skip
