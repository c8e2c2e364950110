"""`mask.html`: a page that shows the first rows token by token, coloured by what is trained.

Not covered: all rows; the gate "T mask" checks those.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from synthia.data.chat_format import NOT_TRAINED

SHOWN_ROWS = 20


@dataclass(frozen=True)
class MaskedRow:
    """A row with its tokens' places in its text."""

    id: str
    text: str
    input_ids: Sequence[int]
    labels: Sequence[int]
    offsets: Sequence[tuple[int, int]]


def page(name: str, summary: str, rows: Sequence[MaskedRow], stop_ids: Sequence[int]) -> str:
    """Write the page; of the rows, the first SHOWN_ROWS are shown."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("synthia", "."), autoescape=True)
    shown = [_shown(row, frozenset(stop_ids)) for row in rows[:SHOWN_ROWS]]
    template = environment.get_template("data/mask.html.jinja")
    return template.render(name=name, summary=summary, rows=shown) + "\n"


def _shown(row: MaskedRow, stop_ids: frozenset[int]) -> dict[str, Any]:
    """What the page says of a row: each token's kind, id and text, and how many are trained."""
    tokens = []
    shown = 0  # a character of several tokens is shown with the first of them
    for token, label, (start, end) in zip(row.input_ids, row.labels, row.offsets, strict=True):
        tokens.append((_kind(label, stop_ids), token, row.text[max(start, shown) : end]))
        shown = max(shown, end)
    trained = sum(label != NOT_TRAINED for label in row.labels)
    return {"id": row.id, "trained": trained, "tokens": tokens}


def _kind(label: int, stop_ids: frozenset[int]) -> str:
    if label == NOT_TRAINED:
        return "quiet"
    return "stop" if label in stop_ids else "trained"
