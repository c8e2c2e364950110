"""Recipes: TOML files that hold everything that decides a run, read into a frozen, strict model.

A key that does not exist is refused with the nearest one that does. A resolved recipe is written as JSON:
TOML is written by hand, JSON by the program.

Not covered: what each key means (`synthia.recipe_sections`), and whether the files a recipe names exist and
the machine can run it (`synthia.run.preflight`).
"""

import difflib
import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self, get_args

from pydantic import AfterValidator, Field, ValidationError, model_validator

from synthia import families, gguf_types, recipe_values
from synthia.errors import UsageError
from synthia.recipe_sections import (
    Convert,
    Data,
    Evaluate,
    Fidelity,
    Hub,
    Lora,
    Merge,
    OwnProbes,
    Runtime,
    Section,
    Serve,
    Stop,
    Training,
)
from synthia.recipe_sources import MODELS, FolderModel, HubModel, RandomModel, WheelModel

DEFAULT = "synthia-7b"


class Recipe(Section):
    """A whole recipe."""

    name: Annotated[str, AfterValidator(recipe_values.recipe_name)]
    """The file's name without `.toml`; also the folder under `outputs/`."""
    description: str
    rehearsal: bool = False
    """Only a trial of the machine: what an untrained model cannot do is measured and not judged."""
    family: families.Name = "qwen2.5"
    """How the base model calls tools; where it is named, what it fixes may be left out below."""
    model: Annotated[
        HubModel | WheelModel | FolderModel | RandomModel, Field(discriminator="source")
    ]
    stop: Stop
    data: Data
    lora: Lora
    training: Training
    merge: Merge = Merge()
    convert: Convert
    serve: Serve
    evaluate: Evaluate
    hub: Hub | None = None
    runtime: Runtime

    @model_validator(mode="before")
    @classmethod
    def _fill_limits(cls, values: Any) -> Any:
        """Give each type its limits, so that a resolved recipe shows all of them; and the family's."""
        values = families.filled(values) if isinstance(values, Mapping) else values
        try:
            types = [gguf_types.normalise(kind) for kind in values["convert"]["types"]]
            limits = values["evaluate"].get("fidelity", {})
            given = {gguf_types.normalise(kind): dict(own) for kind, own in limits.items()}
        except (AttributeError, KeyError, TypeError, ValueError):
            return values  # the sections' own checks say what is wrong
        filled = {
            kind: {**gguf_types.limits(kind), **given.get(kind, {})}
            for kind in dict.fromkeys([*types, *given])
        }
        return {**values, "evaluate": {**values["evaluate"], "fidelity": filled}}

    @model_validator(mode="after")
    def _serves_what_it_trains(self) -> Self:
        if self.serve.num_ctx < self.data.max_length:
            raise ValueError(
                f"serve.num_ctx = {self.serve.num_ctx} is less than data.max_length = "
                f"{self.data.max_length}: clients would cut chats that the model was trained on"
            )
        return self


def names(folder: Path) -> list[str]:
    """List the recipes in a folder."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load(folder: Path, name: str, overrides: Sequence[str] = ()) -> Recipe:
    """Read `<folder>/<name>.toml`, apply overrides of the form `section.key=value`, validate.

    A value is read as TOML, and as a plain string when it is none. Raises UsageError.
    """
    path = folder / f"{name}.toml"
    if name not in names(folder):
        near = _nearest(name, names(folder))
        raise UsageError(f"no recipe {name!r} in {folder.name}/.{near} Recipes: {names(folder)}")
    try:
        text = path.read_text(encoding="utf-8")
        if text.startswith("\ufeff"):
            raise UsageError(
                f"recipes/{path.name} begins with a byte order mark, which TOML does not allow: save "
                "the file as UTF-8 without it"
            )
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"recipes/{path.name} is no valid TOML: {error}") from None
    set_by = {
        _override(values, override): f"--set {override.partition(chr(10))[0]}"
        for override in overrides
    }
    return parse({"name": name, **values}, origin=f"recipes/{path.name}", set_by=set_by)


def parse(
    values: Mapping[str, Any], *, origin: str, set_by: Mapping[str, str] | None = None
) -> Recipe:
    """Validate a recipe's values; errors name `origin`, or what `set_by` holds for the key at fault."""
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            key, said = _explain(problem, values)
            at = [by for name, by in (set_by or {}).items() if f"{key}.".startswith(f"{name}.")]
            lines.append(f"{at[-1] if at else origin}: {said}")
        raise UsageError("\n".join(dict.fromkeys(lines))) from None


def resolved(recipe: Recipe) -> str:
    """Write a recipe out as JSON, every default included."""
    return json.dumps(recipe.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


def json_schema() -> str:
    """JSON Schema of the recipe files, for editors."""
    schema = Recipe.model_json_schema()
    schema["required"].remove("name")  # it comes from the file's name
    del schema["properties"]["name"]
    for name, keys in families.FILLED.items():
        section = schema["$defs"][name.capitalize()]
        section["required"] = [key for key in section["required"] if key not in keys]
    schema["required"].remove("stop")  # the family may give all of it
    schema["title"] = "Recipe of ./invoke pipeline"
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _override(values: dict[str, Any], override: str) -> str:
    """Set a value; return its key, or that of the first section above it that was not there."""
    key, equals, text = override.partition("=")
    *sections, field = key.strip().split(".")
    if not equals or not sections:
        raise UsageError(
            f"--set {override!r}: write it as section.key=value, e.g. training.learning_rate=1e-4"
        )
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    inner = values
    made = 0
    for depth, section in enumerate(sections, start=1):
        made = made or (depth if section not in inner else 0)
        found = inner.get(section, {})
        if not isinstance(found, dict):
            raise UsageError(f"--set {override!r}: {section} is a value and has no keys")
        inner[section] = dict(found)
        inner = inner[section]
    inner[field] = value
    return ".".join(sections[:made] or [*sections, field])


def _explain(problem: Any, values: Mapping[str, Any]) -> tuple[str, str]:
    """The key at fault with its sections, and what is wrong with its value."""
    location = [str(part) for part in problem["loc"]]
    if not location:  # of the recipe as a whole
        return "", str(problem["msg"]).removeprefix("Value error, ")
    if location[0] == "model" and location[1:2] and location[1] in MODELS:
        del location[1]  # pydantic names the kind of model that it tried
    if location[:2] == ["data", "probes"]:
        del location[2:3]
    if location[:2] == ["lora", "target_modules"] and location[2:3] in (["list[str]"], ["str"]):
        del location[2]  # ... and the kind of value
    dotted = ".".join(location)
    if problem["type"] == "extra_forbidden":
        known = _fields(location[:-1], values)
        near = _nearest(location[-1], known)
        return dotted, f"unknown key {dotted!r}.{near} Known here: {sorted(known)}"
    if problem["type"] == "missing":
        return dotted, f"the key {dotted!r} is missing"
    if problem["type"].startswith("union_tag_") and isinstance(problem["input"], Mapping):
        kinds = ", ".join(f'"{kind}"' for kind in MODELS)
        found = problem["input"].get("source")
        return f"{dotted}.source", f"{dotted}.source = {found!r}: it is one of {kinds}"
    said = problem["msg"].removeprefix("Value error, ")
    word = problem["input"]
    if isinstance(word, str) and "PRIVATE KEY" in word:
        word = "(a private key, which is for no recipe)"
    if problem["type"].startswith("bool_"):
        meant = recipe_values.TRUTHS.get(str(word).lower())
        said += f": write {meant}" if meant else ""
    return dotted, f"{dotted} = {word!r}: {said}"


def _fields(section: Sequence[str], values: Mapping[str, Any]) -> list[str]:
    """Name the keys that a section may have, the right kind of `model` included."""
    if not section:
        return list(Recipe.model_fields)
    if section[0] == "model":
        kind = MODELS.get(values["model"].get("source"), HubModel)
        return list(kind.model_fields)
    if list(section) == ["data", "probes"]:
        return list(OwnProbes.model_fields)
    if list(section[:2]) == ["evaluate", "fidelity"] and len(section) == 3:
        return list(Fidelity.model_fields)
    annotation = Recipe.model_fields[section[0]].annotation
    kinds = (annotation, *get_args(annotation))  # an optional section is a union with None
    return [name for kind in kinds for name in getattr(kind, "model_fields", ())]


def _nearest(word: str, known: Sequence[str]) -> str:
    if recipe_values.ALIASES.get(word) in known:
        return f" Did you mean {recipe_values.ALIASES[word]!r}?"
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else ""
