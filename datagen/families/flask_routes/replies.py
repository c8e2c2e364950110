"""What a response of a Flask app says: read from the tool's result, and put into words.

Not covered: sending the request (`datagen.workbench`).
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from datagen.families.flask_routes.apps import Shape

VOWELS = re.compile(
    r"\b([Aa]) (?=(?:animal|answer|appointment|employee|entry|event|invoice|issue|item|order)\b)"
)


def with_articles(text: str) -> str:
    """A sentence about some thing with "an" where its name begins with a vowel."""
    return VOWELS.sub(r"\1n ", text)


@dataclass(frozen=True)
class Reply:
    """A response: its status line's parts, and its body as JSON where it is some."""

    status: int
    reason: str
    html: bool
    body: Any


def read(result: str) -> Reply:
    """Read what http_request prints."""
    head, _, text = result.partition("\n")
    found = re.match(r"(\d{3}) ([A-Z ]+?)(?: ([a-z]+/[a-z]+))?$", head)
    if not found:
        raise AssertionError(f"no response: {result}")
    is_json = found[3] == "application/json"
    return Reply(
        int(found[1]), found[2], bool(text) and not is_json, json.loads(text) if is_json else text
    )


def names_in(reply: Reply, s: Shape) -> list[str]:
    """Names of the records that a listing holds."""
    items = reply.body["items"] if isinstance(reply.body, dict) else reply.body
    return [each[s.name] for each in items]


def describe(reply: Reply, s: Shape) -> str:
    """What a response says, as part of a sentence."""
    body = reply.body
    if reply.html:
        return f"{reply.status} with an HTML page"
    if body == "":
        return f"{reply.status} with an empty body"
    if isinstance(body, dict) and isinstance(body.get("error"), str):
        return f'{reply.status} and the error "{body["error"]}"'
    if isinstance(body, list):
        if not body:
            return f"{reply.status} and an empty list"
        many = s.one if len(body) == 1 else s.many
        return f"{reply.status} and {len(body)} {many} ({', '.join(names_in(reply, s))})"
    if isinstance(body, dict) and "items" in body:
        listed = ", ".join(names_in(reply, s)) or "none"
        return f"{reply.status} with total {body['total']} and these items: {listed}"
    if isinstance(body, dict) and "id" in body:
        flag = json.dumps(body.get(s.flag))
        rest = f"{s.number} {body.get(s.number)}, {s.kind} {body.get(s.kind)}, {s.flag} {flag}"
        return f"{reply.status} and {s.one} {body['id']}, {body[s.name]} ({rest})"
    return f"{reply.status} and `{json.dumps(body)}`"


def words_of(s: Shape) -> dict[str, str]:
    """What the texts call the parts of an app."""
    return {
        "one": s.one, "many": s.many, "name": s.name, "number": s.number, "kind": s.kind, "flag": s.flag,
        "verb": s.verb, "path": s.path, "item": f"{s.path}/<id>", "views": s.views, "project": s.project,
        "about": s.about, "absent": str(s.absent),
    }  # fmt: skip
