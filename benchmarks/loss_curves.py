"""Loss curves of several trainings in one chart: do they lie within what another seed makes of them?

`python benchmarks/loss_curves.py NAME=FILE... [--over 20] [--svg FILE]` reads each training's
`train/loss_history.json`, takes the mean over so many steps back, prints it at some steps and over the last
tenth, and draws a line for each. Names that differ after a comma alone have one colour.

Not covered: training them (`./invoke pipeline`, with `--set training.seed=1`, `--set training.engine=...`).
"""

import argparse
import itertools
import json
import statistics
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import training_chart

COLOURS = ("#2459a9", "#c2571a", "#2c8a57", "#8b4bb0")
DASHES = ("", "7 4", "2 3", "12 4 2 4")
LINES = ".grid { stroke: var(--line); } path { fill: none; stroke-width: 1.8; }\n"
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 960, 460, 60, 20, 240, 40
Curve = list[tuple[int, float]]


def main() -> None:
    """Read, print, and draw what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", help="NAME=loss_history.json")
    parser.add_argument("--over", type=int, default=20, help="steps that a mean is taken of")
    parser.add_argument("--svg", type=Path)
    words = parser.parse_args()
    read = {}
    for run in words.runs:
        name, _, path = run.rpartition("=")
        rows = json.loads(Path(path).read_text())
        read[name] = [(row["step"], row["loss"]) for row in rows if "loss" in row]
        if len(read[name]) < words.over:
            parser.error(f"{path}: {len(read[name])} losses are fewer than --over {words.over}")
    curves = {name: smoothed(curve, words.over) for name, curve in read.items()}
    last = max(curve[-1][0] for curve in curves.values())
    shown = [step for step in (words.over, 50, 100, 200) if step < last] + [last]
    print(f"| mean of {words.over} steps | {' | '.join(map(str, shown))} | last tenth |")
    print("|---" * (len(shown) + 2) + "|")
    for name, curve in curves.items():
        at = [f"{dict(curve)[step]:.3f}" if step in dict(curve) else "" for step in shown]
        print(f"| {name} | {' | '.join(at)} | {last_tenth(read[name]):.4f} |")
    if words.svg:
        words.svg.write_text(chart(curves, f"loss, mean of {words.over} steps"))


def smoothed(curve: Curve, over: int) -> Curve:
    """The mean of each value and those before it, `over` in all; where there are so many."""
    values = [value for _, value in curve]
    return [
        (curve[end - 1][0], statistics.fmean(values[end - over : end]))
        for end in range(over, len(values) + 1)
    ]


def last_tenth(curve: Curve) -> float:
    """The mean over the last tenth of the steps."""
    return statistics.fmean(value for _, value in curve[-max(1, len(curve) // 10) :])


def chart(curves: dict[str, Curve], caption: str) -> str:
    """An SVG with a line for each curve and their names beside it."""
    points = list(itertools.chain(*curves.values()))
    steps = max(step for step, _ in points)
    lowest, highest = min(value for _, value in points), max(value for _, value in points)
    tick = 0.1 if highest - lowest < 1.5 else 1.0
    bottom = int(lowest / tick) * tick

    def place(step: float, value: float) -> tuple[float, float]:
        down = (highest - value) / (highest - bottom or 1) * (HEIGHT - TOP - BOTTOM)
        return LEFT + step / steps * (WIDTH - LEFT - RIGHT), TOP + down

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(caption)}">',
        f"<style>{training_chart.STYLE}{LINES}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
    ]
    for number in range(int((highest - bottom) / tick) + 1):
        value = bottom + number * tick
        x, y = place(0, value)
        parts += [
            f'<line class="grid" x1="{x}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>',
            f'<text x="{x - 8}" y="{y + 5:.1f}" text-anchor="end">{value:.1f}</text>',
        ]
    parts += legend(curves, caption, steps)
    for (name, curve), style in zip(curves.items(), styles(list(curves)), strict=True):
        line = " ".join("{:.1f},{:.1f}".format(*place(*point)) for point in curve)
        parts.append(f'<path {style} d="M{line}"><title>{escape(name)}</title></path>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def legend(curves: dict[str, Curve], caption: str, steps: int) -> list[str]:
    """What the lines are called, and the axis."""
    parts = [
        f'<text x="{LEFT}" y="{HEIGHT - 12}">{escape(caption)}, steps 1 to {steps}</text>',
    ]
    for number, (name, style) in enumerate(zip(curves, styles(list(curves)), strict=True)):
        x, y = WIDTH - RIGHT + 20, TOP + 12 + 26 * number
        parts.append(f'<path {style} d="M{x},{y} {x + 36},{y}"/>')
        parts.append(f'<text x="{x + 46}" y="{y + 5}">{escape(name)}</text>')
    return parts


def styles(names: Sequence[str]) -> list[str]:
    """A colour for what is before a name's comma, and dashes for those that share it."""
    kinds = list(dict.fromkeys(name.split(",")[0] for name in names))
    seen: dict[str, int] = {}
    found = []
    for name in names:
        kind = name.split(",")[0]
        dash = DASHES[seen.setdefault(kind, 0) % len(DASHES)]
        seen[kind] += 1
        colour = COLOURS[kinds.index(kind) % len(COLOURS)]
        found.append(f'stroke="{colour}" stroke-dasharray="{dash}"')
    return found


if __name__ == "__main__":
    main()
