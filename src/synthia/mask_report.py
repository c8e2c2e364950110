"""`mask.html`: a page that shows the first rows token by token, coloured by what is trained.

Not covered: all rows; the gate "T mask" checks those.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from synthia.chat_format import NOT_TRAINED

SHOWN_ROWS = 20

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{name}: which tokens are trained</title><style>
:root {{ color-scheme: light dark; --page: #fff; --text: #1d2329; --quiet: #66717c; --line: #dde2e7;
  --trained: #cfebd8; --trained-text: #0d3b20; --stop: #14713d; --stop-text: #fff; }}
@media (prefers-color-scheme: dark) {{ :root {{ --page: #15191d; --text: #dfe5ea; --quiet: #8b97a2;
  --line: #2b333b; --trained: #1d4a2f; --trained-text: #d7f3e0; --stop: #49c37c;
  --stop-text: #06210f; }} }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 58rem; margin: 0 auto; padding: 1.5rem;
  background: var(--page); color: var(--text); }}
h1 {{ font-size: 1.5rem; margin: 0 0 .5rem; }} p {{ margin: .4rem 0; }}
section {{ border-top: 1px solid var(--line); margin-top: 1.5rem; padding-top: 1rem; }}
h2 {{ font-size: 1rem; margin: 0 0 .6rem; display: flex; flex-wrap: wrap; gap: .2rem 1rem;
  justify-content: space-between; }} h2 small {{ color: var(--quiet); font-weight: 400; }}
pre, .legend {{ font: 13px/1.75 ui-monospace, "DejaVu Sans Mono", monospace; }}
pre {{ margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }}
pre span {{ box-shadow: inset -1px 0 var(--page); }}
.quiet {{ color: var(--quiet); }}
.trained {{ background: var(--trained); color: var(--trained-text); }}
.stop {{ background: var(--stop); color: var(--stop-text); font-weight: 600; }}
.legend span {{ padding: .1rem .4rem; border-radius: 3px; margin-right: .6rem; }}
</style></head><body>
<h1>{name}: which tokens are trained</h1>
<p>{summary}</p>
<p class="legend"><span class="trained">trained</span><span class="stop">trained end of turn</span>
<span class="quiet">seen, not trained</span></p>
<p class="quiet">&#8629; is a newline. Point at a token for its number and id.</p>
{sections}
</body></html>
"""


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
    sections = "\n".join(_section(row, frozenset(stop_ids)) for row in rows[:SHOWN_ROWS])
    return PAGE.format(name=html.escape(name), summary=html.escape(summary), sections=sections)


def _section(row: MaskedRow, stop_ids: frozenset[int]) -> str:
    trained = sum(label != NOT_TRAINED for label in row.labels)
    tokens = []
    shown = 0  # a character of several tokens is shown with the first of them
    for index, (token, label) in enumerate(zip(row.input_ids, row.labels, strict=True)):
        start, end = row.offsets[index]
        text = html.escape(row.text[max(start, shown) : end]).replace("\n", "&#8629;\n")
        shown = max(shown, end)
        tokens.append(
            f'<span class="{_kind(label, stop_ids)}" title="{index}: id {token}">{text}</span>'
        )
    return (
        f"<section><h2>{html.escape(row.id)} <small>{trained} of {len(row.labels)} tokens "
        f"trained</small></h2>\n<pre>{''.join(tokens)}</pre></section>"
    )


def _kind(label: int, stop_ids: frozenset[int]) -> str:
    if label == NOT_TRAINED:
        return "quiet"
    return "stop" if label in stop_ids else "trained"
