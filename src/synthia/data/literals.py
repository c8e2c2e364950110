"""Values that a row holds as text, and the keys of its objects: read so that nothing is lost.

JSON text is read strictly. What is no JSON may be a Python literal, as pandas and early tool data
write it: of those, what JSON can say.

Not covered: what the values mean (`synthia.data.public_schemas`).
"""

import ast
import io
import json
import math
import tokenize
import warnings
from collections.abc import Collection, Mapping
from typing import Any

from synthia.data.tool_calls import strict_json


def given(value: Any, known: Collection[str], place: str, why: str = "") -> dict[str, Any]:
    """An object without what is absent: null, and, under other keys than the known, what is empty.

    Raises ValueError for a key that is not known.
    """
    if not isinstance(value, Mapping):
        raise ValueError(f"{place} is no JSON object")
    found = {}
    for key, inner in value.items():
        if inner is None:
            continue
        if key in known:
            found[key] = inner
        elif inner not in ("", [], {}):
            at = f"{place}.{key}" if place else str(key)
            known_here = why or f"known here: {', '.join(sorted(known))}"
            raise ValueError(f"{at} is no known key; {known_here}")
    return found


def parsed(value: Any, place: str) -> Any:
    """A value that is JSON text, or written as a Python literal, or no text at all."""
    if not isinstance(value, str):
        return value
    try:
        return strict_json(value)
    except json.JSONDecodeError as error:
        said = f"{place} is no JSON: {error}"
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None
    try:
        return literal(value)
    except SyntaxError:
        raise ValueError(said) from None
    except ValueError as error:
        raise ValueError(f"{place} is no JSON, and as a Python literal {error}") from None


def literal(text: str) -> Any:
    """A Python literal that JSON can say. Raises SyntaxError when it is none, or ValueError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval")
            if has_comment(text.strip()):
                raise ValueError("it holds a comment")
            return value_of(tree.body)
    except (RecursionError, MemoryError):
        raise ValueError("it is nested too deeply") from None
    except (SyntaxError, tokenize.TokenError):
        raise SyntaxError("no Python literal") from None


def has_comment(text: str) -> bool:
    """Whether a text of Python holds a comment, which its parser would drop."""
    if "#" not in text:
        return False
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return any(token.type == tokenize.COMMENT for token in tokens)


def value_of(node: ast.expr) -> Any:
    """The value of a parsed literal. Raises ValueError for what JSON cannot say."""
    if isinstance(node, ast.Constant):
        value = node.value
        if value is None or isinstance(value, str | bool | int):
            return value
        if isinstance(value, float) and math.isfinite(value):
            return value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = value_of(node.operand)
        if isinstance(number, int | float) and not isinstance(number, bool):
            return -number
    if isinstance(node, ast.List | ast.Tuple):
        return [value_of(each) for each in node.elts]
    if isinstance(node, ast.Dict):
        keys = [value_of(key) if key is not None else None for key in node.keys]
        if not all(isinstance(key, str) for key in keys):
            raise ValueError("it has a key that is no text")
        if twice := next((key for key in keys if keys.count(key) > 1), None):
            raise ValueError(f"the key {twice!r} occurs twice in one object")
        return dict(zip(keys, map(value_of, node.values), strict=True))
    raise ValueError(f"it holds {ast.unparse(node)[:40]!r}, which JSON cannot say")
