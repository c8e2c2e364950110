"""Moving a function into a module of its own, with all imports that have to follow.

Not covered: functions that share constants with others; `movable` leaves them out.
"""

import ast
import re
from collections.abc import Mapping

from datagen.worlds.projects import Function, constants, functions, module_name, tidy


def movable(files: Mapping[str, str]) -> list[Function]:
    """Functions that can leave their module without a circular import."""
    found = []
    for function in functions(files):
        own = [each.name for each in constants({function.path: files[function.path]})]
        others = functions({function.path: function.text})
        used = _names(function)
        rest = function.text.replace(function.source, "")
        shared = [
            name
            for name in own
            if name in used and any(re.search(rf"\b{name}\b(?! =)", text) for text in
                                    (rest, *(text for path, text in files.items()
                                             if path != function.path)))
        ]  # fmt: skip
        defined = set(re.findall(r"^(?:class )?(\w+)(?: = |\(|:)", rest, re.MULTILINE))
        defined |= {each.name for each in others} - {function.name}
        if len(others) > 1 and not shared and not used & (defined - set(own)):
            found.append(function)
    return found


def _names(function: Function) -> set[str]:
    nodes = ast.walk(function.node)
    return {each.id for each in nodes if isinstance(each, ast.Name)}


def move(files: Mapping[str, str], function: Function, target: str) -> dict[str, str]:
    """The files that change when a function moves to a new module, by path."""
    used = _names(function)
    old = files[function.path]
    taken = [each for each in constants({function.path: old}) if each.name in used]
    imports = re.findall(r"^(?:from|import) .*\n", old, re.MULTILINE)
    needed = [line for line in (_narrowed(each, function.source) for each in imports) if line]
    held = "".join(f"{each.name} = {each.value}\n" for each in taken)
    head = "\n".join(filter(None, [_grouped(needed), held]))
    new = {target: f"{head}\n\n{function.source}\n".lstrip("\n")}
    rest = old.replace(f"{function.source}\n", "").replace(held, "")
    body = re.sub(r"^(?:from|import) .*\n", "", rest, flags=re.MULTILINE)
    kept = [line for line in (_narrowed(each, body) for each in imports) if line]
    if re.search(rf"\b{function.name}\b", body):
        kept.append(f"from {module_name(target)} import {function.name}\n")
    new[function.path] = _assembled(kept, body)
    for path, text in files.items():
        if path != function.path:
            changed = _follow(text, function, target)
            if changed != text:
                new[path] = changed
    return new


def _narrowed(line: str, code: str) -> str:
    """An import without the names that the code does not use."""
    if found := re.fullmatch(r"(from \S+ import )(.*)\n", line):
        names = [name for name in found[2].split(", ") if re.search(rf"\b{name}\b", code)]
        return f"{found[1]}{', '.join(names)}\n" if names else ""
    name = line.split()[1]
    return line if re.search(rf"\b{name}\.", code) else ""


def _grouped(imports: list[str]) -> str:
    """Imports of the standard library, a blank line, the project's own."""
    standard = [line for line in imports if _is_standard(line)]
    own = sorted(line for line in imports if not _is_standard(line))
    return "\n".join(filter(None, ["".join(standard), "".join(own)]))


def _is_standard(line: str) -> bool:
    return bool(re.match(r"(import |from (collections|datetime|typing)\b)", line))


def _assembled(imports: list[str], body: str) -> str:
    """A module of docstring, imports and the rest, with the usual blank lines."""
    doc = re.match(r'(""".*?"""\n)', body, re.DOTALL)
    head = doc[1] if doc else ""
    rest = body[len(head) :].strip("\n")
    gap = "\n\n" if rest.startswith(("def ", "class ")) and (imports or head) else "\n"
    top = "\n".join(filter(None, [head, _grouped(imports)]))
    text = f"{top}{gap if top else ''}{rest}\n"
    return re.sub(r"\n{4,}", "\n\n\n", text)


def _follow(text: str, function: Function, target: str) -> str:
    """A module that imports the function from where it is now."""

    def split(found: re.Match[str]) -> str:
        names = found[2].split(", ")
        if function.name not in names:
            return found[0]
        names.remove(function.name)
        rest = f"{found[1]}{', '.join(names)}\n" if names else ""
        lines = [rest, f"from {module_name(target)} import {function.name}\n"]
        return "".join(sorted(filter(None, lines)))

    pattern = rf"^(from {re.escape(module_name(function.path))} import )(.*)\n"
    return tidy(re.sub(pattern, split, text, flags=re.MULTILINE))
