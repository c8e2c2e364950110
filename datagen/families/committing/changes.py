"""Changes that are committed: of a constant, a setting, a page or a module.

Not covered: writing and committing them (`datagen.families.committing`).
"""

import random
import re
from dataclasses import dataclass

from datagen.families.searching.texts import texts as searching_texts
from datagen.phrasing import only
from datagen.worlds import documents, projects
from datagen.worlds.projects import Project


@dataclass(frozen=True)
class Change:
    """A change of one file: what to do, what was done, the message of its commit."""

    path: str
    old: str
    new: str
    task: str
    did: str
    message: str


def draw_change(r: random.Random, project: Project, files: dict[str, str]) -> Change:
    """Draw a change of a constant, a setting, a page or a module."""
    numbers = projects.numbers(project.files)
    kind = r.choice(("constant", "constant", "setting", "page", "function"))
    if kind == "constant" and numbers:
        chosen = r.choice(numbers)
        value = projects.other_number(chosen.value, r)
        line = f"{chosen.name} = "
        new = files[chosen.path].replace(f"{line}{chosen.value}\n", f"{line}{value}\n")
        verb = "raise" if float(value) > float(chosen.value) else "lower"
        verb = r.choice((verb, verb, "set"))
        return Change(
            chosen.path, files[chosen.path], new, f"{verb} `{chosen.name}` to {value}",
            f"`{chosen.name}` is {value} now",
            f"{verb.capitalize()} {chosen.name} from {chosen.value} to {value}"
            if verb != "set" else f"Set {chosen.name} to {value}",
        )  # fmt: skip
    if kind == "setting":
        path = next(each for each in files if each not in project.files and each != "README.md")
        for key in r.sample(list(project.settings), len(project.settings)):
            other = projects.other_setting(project, key, r)
            new = _with_setting(files[path], key, project.settings[key], other)
            if other is not None and new != files[path]:
                shown = str(other).lower() if isinstance(other, bool) else str(other)
                return Change(
                    path, files[path], new, f"set `{key}` to {shown} in {path}",
                    f"`{key}` is set to {shown}", f"Set {key} to {shown} in {path}",
                )  # fmt: skip
    if kind == "page":
        facts = documents.facts(r, project, 12)
        fact, line = next(
            (fact, line) for fact, line in facts.items() if line not in files["README.md"]
        )
        noun = documents.words.facts[fact].noun
        return Change(
            "README.md", files["README.md"], f"{files['README.md']}- {line}\n",
            f"add the line \"{line}\" to README.md", f"README.md mentions {noun}",
            r.choice((f"Document {noun}", f"Add {noun} to the README", f"Mention {noun} in README")),
        )  # fmt: skip
    source = r.choice(searching_texts.dead)
    name = source.partition("(")[0].removeprefix("def ")
    path = r.choice(project.modules)
    purpose = only(r'"""(.*)"""', source)
    return Change(
        path, files[path], f"{files[path]}\n\n{source}",
        f"add a function `{name}` to {path} (\"{purpose}\")", f"{path} has a function `{name}`",
        r.choice((f"Add {name}", f"Add {name} to {path}", f"Add a helper {name}")),
    )  # fmt: skip


def _with_setting(text: str, key: str, old: object, new: object) -> str:
    shown = str(new).lower() if isinstance(new, bool) else str(new)
    was = str(old).lower() if isinstance(old, bool) else str(old)
    return re.sub(
        rf'^(\W*{key}"?(?: =|:) "?){re.escape(was)}("?,?)$', rf"\g<1>{shown}\g<2>",
        text, flags=re.MULTILINE,
    )  # fmt: skip
