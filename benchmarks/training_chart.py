"""The results of `benchmarks/training.py` as a table, as JSON and as a chart.

`python benchmarks/training_chart.py RESULTS [--json FILE] [--svg FILE]` reads the lines that training.py
appended, takes the median over the repeats of an arm with the same settings, and prints a table; profiled
runs, which are slower, have a table of their own. `--json` writes `rows` (name, ours, tokens_per_s,
peak_gib, settings, and the repeats that the median was taken of) and the environment, `--svg` a bar for
each row in the colours of the project's pages, light or dark as the reader's. Of repeats that ended early
the row says how many there were; an arm without a number has no row.

Not covered: measuring, see training.py.
"""

import argparse
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

STYLE = """
svg { --ink: #1d2329; --soft: #5d6873; --line: #dfe4e8; --accent: #2459a9; --page: #fff; }
@media (prefers-color-scheme: dark) { svg { --ink: #e4e8ec; --soft: #9aa6b2; --line: #333c45;
  --accent: #82b1f5; --page: #14181c; } }
text { fill: var(--ink); font: 14px system-ui, sans-serif; } .soft { fill: var(--soft); }
.page { fill: var(--page); } .other { fill: var(--line); } .ours { fill: var(--accent); }
"""
WIDTH, LEFT, RIGHT, LINE = 960, 400, 170, 34


def main() -> None:
    """Read, print, and write what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--svg", type=Path)
    words = parser.parse_args()
    every = [json.loads(line) for line in words.results.read_text().splitlines() if line.strip()]
    lines = [line for line in every if "profile" not in line]
    found = rows(lines)
    if found:
        print("| | repeats | tokens/s | GiB |\n|---|---|---|---|")
    for row in found:
        print(f"| {title(row)} | {len(row['repeats'])} | {said(row)} |")
    if profiled := [line for line in every if "profile" in line]:
        print("\n" + "\n".join(profiles(profiled)))
    if words.json:
        made = {"rows": found, "environment": environment(lines)}
        words.json.write_text(json.dumps(made, indent=2) + "\n")
    if words.svg:
        words.svg.write_text(chart(found, "Tokens a second"))


def rows(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each arm and settings with a number, the fastest first."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for line in lines:
        settings = {"card": line.get("card", "whole"), "gpus": line.get("gpus", 1)}
        settings["set"] = line.get("set", [])
        groups.setdefault(json.dumps([line["name"], settings]), []).append(line)
    found = []
    for key, some in groups.items():
        name, settings = json.loads(key)
        done = [line for line in some if "tokens_per_second" in line]
        if done:
            found.append(
                {
                    "name": name,
                    "ours": done[0]["ours"],
                    "tokens_per_s": statistics.median(line["tokens_per_second"] for line in done),
                    "peak_gib": statistics.median(line["peak_gib"] for line in done),
                    "settings": settings,
                    "repeats": sorted(line["tokens_per_second"] for line in done),
                    "ended_early": len(some) - len(done),
                }
            )
    return sorted(found, key=lambda row: -row["tokens_per_s"])


def profiles(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """A table of what `--profile` found: a column for each line, ms of a step by kind of kernel."""
    seen = [line["profile"] for line in lines]
    table = [["ms a step", *(line["name"] for line in lines)], ["---"] * (len(lines) + 1)]
    table += [[name, *(f"{one[key]:,}" for one in seen)] for name, key in (
        ("by the clock", "ms"), ("the GPU is busy", "busy_ms"), ("kernels", "kernels"),
    )]  # fmt: skip
    for kind in seen[0]["kinds_ms"]:
        table.append([kind, *(f"{one['kinds_ms'][kind]:,}" for one in seen)])
    return [f"| {' | '.join(row)} |" for row in table]


def environment(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The GPUs and packages of the lines, each once."""
    seen = {json.dumps([line.get("gpu", ""), line.get("packages", {})]) for line in lines}
    return [{"gpu": gpu, "packages": packages} for gpu, packages in map(json.loads, sorted(seen))]


def title(row: Mapping[str, Any]) -> str:
    """What a row is called: the arm, and what of its settings is not the arm's."""
    settings = row["settings"]
    more = [f"{settings['gpus']} GPUs"] if settings["gpus"] > 1 else []
    more += [f"as if {settings['card']:g} GB"] if settings["card"] != "whole" else []
    return ", ".join([row["name"], *more, *settings["set"]])


def said(row: Mapping[str, Any], between: str = " | ") -> str:
    """Tokens a second and GiB."""
    return f"{row['tokens_per_s']:,.0f}{between}{row['peak_gib']:.1f}"


def chart(found: Sequence[Mapping[str, Any]], caption: str) -> str:
    """An SVG with a bar for each row."""
    height = LINE * (len(found) + 1) + 20
    most = max(row["tokens_per_s"] for row in found)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(caption)}">',
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        f'<text class="soft" x="{LEFT}" y="24">{escape(caption)}</text>',
    ]
    for number, row in enumerate(found):
        top = LINE * (number + 1) + 4
        wide = max(2.0, (WIDTH - LEFT - RIGHT) * row["tokens_per_s"] / most)
        parts += [
            f'<text x="{LEFT - 12}" y="{top + 17}" text-anchor="end">{escape(title(row))}</text>',
            f'<rect class="{"ours" if row["ours"] else "other"}" x="{LEFT}" y="{top}" rx="3" '
            f'width="{wide:.1f}" height="{LINE - 10}"/>',
            f'<text x="{LEFT + wide + 10:.1f}" y="{top + 17}">{said(row, ", ")} GiB</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    main()
