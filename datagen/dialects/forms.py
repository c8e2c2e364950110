"""A dialect: the tools that a client offers, how they take what a call asks, how they show what came.

A dialect is a table (`datagen/tables/dialects/<name>.toml`). Each of its tools says for which of the
workbench's tools it stands (`uses`), which facts of a call fill its arguments, and in which text or
JSON object the result is shown. Where a table gives several names, descriptions or styles, a row
draws one. A value of `arguments` is the name of a fact, or one of

    { value = X, share = 0.3 }              X itself, in that share of the calls (always without a share)
    { text = "cd {root} && {command}" }     a text with facts in it
    { each = "edits", as = { ... } }        an array with an object of values for each item of a fact
    { items = [ ... ] }, { fields = { } }   an array, an object of values
    { fact = "end_line", else = X }         a fact, or X where the call has none

An argument is left out where its fact is absent.

Not covered: what the facts are (`datagen.dialects.facts`), which dialect a row gets (`datagen.dialects`).
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from datagen.dialects import facts as facts_of_call
from datagen.dialects.facts import Facts, Unsaid
from datagen.session import Step
from datagen.table import TABLES, Table, read

Declared = dict[str, Any]
Call = tuple[str, dict[str, Any], str]
"""A tool's name, its arguments, and what it answered."""
SLOT = re.compile(r"\{(\w+)\}")


class Use(Table):
    """How a tool says a call of one of the workbench's tools."""

    arguments: dict[str, Any]
    per: Literal["call", "file", "edit"] = "edit"
    """Of an edit: one call for all of it, one a file, or one a place."""
    result: str | dict[str, Any] = "{result}"
    failure: str | dict[str, Any] | None = None
    """Shown instead where a program ends with another exit code than 0."""

    @property
    def facts(self) -> set[str]:
        """The facts that the arguments are filled with."""
        return _facts_in({"fields": self.arguments})


class Tool(Table):
    """A tool as its client declares it."""

    name: str | tuple[str, ...]
    server: str = ""
    description: tuple[str, ...]
    parameters: dict[str, Any]
    required: tuple[str, ...] = ()
    uses: dict[str, Use] = Field(default_factory=dict)

    @property
    def is_shell(self) -> bool:
        """Whether it runs command lines."""
        return any("command" in use.facts for use in self.uses.values())


class Dialect(Table):
    """The tools of a client, or of some servers."""

    about: str
    weight: int
    """How often it is drawn, among the others; 0 holds it out of training."""
    names: tuple[str, ...] = ("{name}",)
    """How a tool is called, by {server} and {name}."""
    others: tuple[str, ...] = ("{name}", "{server}_{name}")
    """How tools are called that do not belong to the client."""
    shared: tuple[str, ...] = ()
    """Which of `shared.toml` it has as well; of each a row draws one."""
    casing: tuple[Literal["as it is", "camel", "kebab"], ...] = ("as it is",)
    roots: tuple[str, ...] = ("",)
    """Folders that paths begin with; "" for paths from the project's folder."""
    wrap: tuple[Literal["text", "mcp", "mcp with isError"], ...] = ("text",)
    error: str | dict[str, Any] = "Error: {error}"
    more: str = "\n... ({left} more lines)"
    """Below the first page of a file. A result that is an object says `left` itself."""
    more_matches: str = "\n... ({left} more matches)"
    omitted: str = "... ({left} lines left out) ..."
    """In the midst of a program's long output."""
    renames: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Other names for parameters, one drawn a row."""
    styles: tuple[str, ...] = ()
    """Of STYLES those that a row may draw."""
    tools: tuple[Tool, ...] = ()


class Shared(Table):
    """Tools that several dialects have: forms to draw one from, by what they do."""

    tools: dict[str, tuple[Tool, ...]]


class Others(Table):
    """Tools that no row calls."""

    tools: tuple[Tool, ...]


FOLDER = TABLES / "dialects"
SHARED = read(FOLDER / "shared.toml", Shared)
OTHERS = read(FOLDER / "others.toml", Others).tools
STYLES = ("closed", "titled", "drafted", "bare", "shuffled")
"""How clients write a schema: no other properties, titles, a draft's name, no descriptions of
parameters, properties in another order, the description before the name."""


class Variant:
    """A dialect as one row sees it: every choice is made."""

    def __init__(self, name: str, dialect: Dialect, seed: str) -> None:
        self.name = name
        self.dialect = dialect
        self.random = random.Random(seed)
        draw = self.random
        self.root = draw.choice(dialect.roots)
        self.wrap = draw.choice(dialect.wrap)
        self._pattern = draw.choice(dialect.names)
        self._casing = draw.choice(dialect.casing)
        self._styles = {style for style in dialect.styles if draw.random() < 1 / 3}
        self._renames = {old: draw.choice(new) for old, new in dialect.renames.items()}
        shared = [self.random.choice(SHARED.tools[each]) for each in dialect.shared]
        others = draw.choice(dialect.others)
        self._tools = (*dialect.tools, *shared)
        self._names = [self._name(tool, self._pattern) for tool in dialect.tools]
        self._names += [self._name(tool, others) for tool in shared]
        self._others = others

    def tools(self) -> Iterator[tuple[Tool, Declared]]:
        """Each tool of the table, and its declaration in this row."""
        for tool, name in self.named():
            yield tool, self._declare(tool, name)

    def other(self, tool: Tool) -> Declared:
        """The declaration of a tool from elsewhere, in a row of this dialect."""
        return self._declare(tool, self._name(tool, self._others))

    def actions(self) -> dict[str, set[str]]:
        """By name: the workbench's tools that a tool stands for."""
        return {name: set(tool.uses) for tool, name in self.named()}

    def named(self) -> Iterator[tuple[Tool, str]]:
        """Each tool of the table, and its name in this row."""
        return zip(self._tools, self._names, strict=True)

    def say(self, step: Step, allowed: Sequence[str]) -> Iterator[Call]:
        """A call in this dialect, with the result; an edit may become several.

        Only tools whose names are `allowed` are used. Raises Unsaid where no tool can say it.
        """
        made = 0
        for facts in facts_of_call.of(step, self.root):
            call = self._said(step, facts, allowed)
            made += call is not None
            if call is not None:
                yield call
        if made > 1 and step.result.startswith(facts_of_call.REFUSED):
            raise Unsaid("one call was refused as a whole")

    def _said(self, step: Step, facts: Facts, allowed: Sequence[str]) -> Call | None:
        why: Exception = Unsaid(f"{self.name} has no tool for {step.name}")
        for tool, name, use in self._candidates(step, facts):
            if name not in allowed:
                continue
            try:
                arguments = self._arguments(step, tool, use, facts)
                if step.name == "apply_patch" and use.per != "edit" and not facts[use.per]:
                    return None  # said with the first place
                return name, arguments, self._shown(use, facts)
            except Unsaid as reason:
                why = reason
        raise why

    def _candidates(self, step: Step, facts: Facts) -> Iterator[tuple[Tool, str, Use]]:
        """Tools that may say it; a new file in a patch is written where only a whole patch holds it."""
        creates = step.name == "apply_patch" and "content" in facts
        for tool, name in self.named():
            use = tool.uses.get(step.name)
            if use and (use.per == "call" or not creates):
                yield tool, name, use
        for tool, name in self.named():
            if creates and "write_file" in tool.uses:
                yield tool, name, tool.uses["write_file"]

    def _arguments(self, step: Step, tool: Tool, use: Use, facts: Facts) -> dict[str, Any]:
        if any(not names & use.facts for names in facts_of_call.needed(step)):
            raise Unsaid(f"{tool.name} does not take all that {step.arguments} asks")
        found = {}
        for key, spec in use.arguments.items():
            value = self._value(spec, facts)
            if value is not _ABSENT:
                found[self._parameter(key)] = value
            elif key in tool.required:
                raise Unsaid(f"{tool.name} needs {key}")
        return found

    def _value(self, spec: Any, facts: Facts) -> Any:
        if isinstance(spec, str):
            return facts.get(spec, _ABSENT)
        if "value" in spec:
            share = spec.get("share", 1)
            return spec["value"] if share == 1 or self.random.random() < share else _ABSENT
        if "text" in spec:
            return _filled(spec["text"], facts)
        if "each" in spec:
            if spec["each"] not in facts:
                return _ABSENT
            return [self._object(spec["as"], facts | each) for each in facts[spec["each"]]]
        if "items" in spec:
            values = [self._value(each, facts) for each in spec["items"]]
            return _ABSENT if _ABSENT in values else values
        if "fields" in spec:
            return self._object(spec["fields"], facts) or _ABSENT
        return facts.get(spec["fact"], spec["else"])

    def _object(self, specs: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
        values = {key: self._value(spec, facts) for key, spec in specs.items()}
        return {self._parameter(k): value for k, value in values.items() if value is not _ABSENT}

    def _shown(self, use: Use, facts: Facts) -> str:
        shell = "command" in use.facts
        if shell and "exit" not in facts:
            raise Unsaid(f"no shell would answer as {facts['result']!r}")
        shape = use.result
        if shell:
            facts = facts | {"output": facts.get("shell_output", facts["output"])}
        elif not facts["ok"]:
            shape = self.dialect.error
        if (shell or facts["ok"]) and use.failure is not None and facts.get("exit", 0) != 0:
            shape = use.failure
        text = self._text(shape, facts | self._cut(facts)) + self._more(shape, facts)
        if self.wrap == "text":
            return text or "(no output)"
        whole: dict[str, Any] = {"content": [{"type": "text", "text": text}]}
        failed = shape is self.dialect.error
        if failed or self.wrap == "mcp with isError":
            whole["isError"] = failed
        return json.dumps(whole, ensure_ascii=False)

    def _cut(self, facts: Facts) -> Facts:
        """What a program printed, its gap said as this client does."""

        def gap(found: re.Match[str]) -> str:
            return str(_filled(self.dialect.omitted, {"left": found[1]}))

        printed = [name for name in ("output", "result") if "exit" in facts and name in facts]
        return {name: facts_of_call.OMITTED.sub(gap, facts[name]) for name in printed}

    def _more(self, shape: str | dict[str, Any], facts: Facts) -> str:
        """What stands below the first page of a file or of matches."""
        if "left" not in facts:
            return ""
        if isinstance(shape, str):
            form = self.dialect.more if "total" in facts else self.dialect.more_matches
            return str(_filled(form, facts))
        if "left" not in shape.values():
            raise Unsaid("the object does not say that more is left")
        return ""

    def _text(self, shape: str | dict[str, Any], facts: Facts) -> str:
        if isinstance(shape, str):
            text = _filled(shape, facts)
            if text is _ABSENT:
                raise Unsaid(f"{shape!r} shows what this call has not")
            return str(text)
        return json.dumps(self._object_shown(shape, facts), ensure_ascii=False)

    def _object_shown(self, shape: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
        values = {key: self._value(spec, facts) for key, spec in shape.items()}
        return {key: value for key, value in values.items() if value is not _ABSENT}

    # declarations

    def _name(self, tool: Tool, pattern: str) -> str:
        name = tool.name if isinstance(tool.name, str) else self.random.choice(tool.name)
        if pattern == "{server}_{name}":
            name = name.removeprefix(f"{tool.server}_")
        return pattern.format(server=tool.server, name=self._cased(name)).lstrip("_")

    def _parameter(self, name: str) -> str:
        return self._cased(self._renames.get(name, name))

    def _cased(self, name: str) -> str:
        if self._casing == "camel":
            return re.sub(r"_(\w)", lambda found: found[1].upper(), name)
        return name.replace("_", "-") if self._casing == "kebab" else name

    def _declare(self, tool: Tool, name: str) -> Declared:
        properties = {
            self._parameter(key): self._schema(key, schema)
            for key, schema in tool.parameters.items()
        }
        if "shuffled" in self._styles:
            items = list(properties.items())
            self.random.shuffle(items)
            properties = dict(items)
        parameters: dict[str, Any] = {"type": "object", "properties": properties}
        if tool.required or "drafted" not in self._styles:
            parameters["required"] = [self._parameter(key) for key in tool.required]
        if "closed" in self._styles:
            parameters["additionalProperties"] = False
        if "drafted" in self._styles:
            parameters["$schema"] = "http://json-schema.org/draft-07/schema#"
        if "titled" in self._styles:
            parameters["title"] = f"{name}Arguments"
        does = self.random.choice(tool.description).replace("{root}", self.root or ".")
        # In the order that llama-server gives every tool (`conversations.as_served`).
        function = {"name": name, "description": does, "parameters": parameters}
        return {"type": "function", "function": function}

    def _schema(self, key: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        found = _renamed(schema, self._parameter)
        if isinstance(found.get("description"), str):
            found["description"] = found["description"].replace("{root}", self.root or ".")
        if "bare" in self._styles:
            found.pop("description", None)
        if "titled" in self._styles:
            found = {"title": key.replace("_", " ").title(), **found}
        return found


_ABSENT: Any = object()


def _renamed(schema: Mapping[str, Any], rename: Any) -> dict[str, Any]:
    """A schema whose inner properties are renamed as the arguments are."""
    found = dict(schema)
    if "properties" in found:
        found["properties"] = {
            rename(key): _renamed(each, rename) for key, each in found["properties"].items()
        }
        if "required" in found:
            found["required"] = [rename(key) for key in found["required"]]
    if isinstance(found.get("items"), dict):
        found["items"] = _renamed(found["items"], rename)
    return found


def _filled(template: str, facts: Facts) -> Any:
    """A text with the facts that it names, or _ABSENT where one is absent."""
    names = SLOT.findall(template)
    if any(name not in facts for name in names):
        return _ABSENT
    return SLOT.sub(lambda found: str(facts[found[1]]), template)


def _facts_in(spec: Any) -> set[str]:
    """The facts that arguments are filled with."""
    if isinstance(spec, str):
        return {spec}
    if "value" in spec:
        return set()
    if "text" in spec:
        return set(SLOT.findall(spec["text"]))
    if "each" in spec:
        return {spec["each"]}
    if "items" in spec:
        return set().union(*map(_facts_in, spec["items"]))
    if "fact" in spec:
        return {spec["fact"]}
    return set().union(*map(_facts_in, spec["fields"].values()))
