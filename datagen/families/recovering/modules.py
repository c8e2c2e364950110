"""Modules of a trade: a constant, a function, its tests, and a mistake that can be put into it.

Not covered: which trade (`trades`), and the project around a module (`projects`).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from datagen.families.flask_routes.replies import with_articles
from datagen.families.recovering.trades import Domain


@dataclass(frozen=True)
class Code:
    """A module with a constant, a function, its tests, and a mistake that can be put into it."""

    module: str
    function: str
    constant: str
    value: str
    doc: str
    symptom: str
    fix: str
    """What has to be done about the mistake, as an order."""
    right: str
    wrong: str
    source: str
    tests: tuple[str, str]
    """Bodies of two tests; the mistake makes the second one fail."""
    test_names: tuple[str, str]
    example: str
    """A call of the function with plain arguments."""

    @property
    def buggy(self) -> str:
        """The module with the mistake in it."""
        return self.source.replace(self.right, self.wrong)


def _code(
    d: Domain, module: str, function: str, constant: str, value: object, *, signature: str,
    doc: str, body: str, right: str, wrong: str, symptom: str, fix: str,
    good: tuple[str, str], failing: tuple[str, str], example: str,
) -> Code:  # fmt: skip
    doc, symptom = with_articles(doc), with_articles(symptom)
    source = (
        f'"""{d.items.capitalize()}: {module.replace("_", " ")}."""\n\n{constant} = {value!r}\n\n\n'
        f'def {function}{signature}:\n    """{doc}"""\n{body}'
    )
    if source.count(right) != 1:
        raise AssertionError(f"{right!r} is not there once:\n{source}")
    return Code(
        module, function, constant, repr(value), doc, symptom, fix, right, wrong, source,
        (good[1], failing[1]), (good[0], failing[0]), example,
    )  # fmt: skip


def _charge(d: Domain, r: random.Random) -> Code:
    limit, base = r.randint(5, 60), r.randint(2, 30) * 10
    return _code(
        d, "charges", f"{d.item}_charge", f"{d.measure.upper()}_LIMIT", limit,
        signature=f"({d.measure}: float) -> int",
        doc=f"Charge for one {d.item}; double above the limit.",
        body=f"    if {d.measure} > {d.measure.upper()}_LIMIT:\n        return {base * 2}\n"
        f"    return {base}\n",
        right=f"{d.measure} > ", wrong=f"{d.measure} >= ",
        symptom=f"a {d.item} with exactly {limit} {d.unit} is charged {base * 2} instead of {base}",
        fix="compare with > instead of >=",
        good=("above_the_limit", f"assert {d.item}_charge({limit + 1}) == {base * 2}"),
        failing=("exactly_at_the_limit", f"assert {d.item}_charge({limit}) == {base}"),
        example=f"{d.item}_charge({limit + r.randint(1, 9)})",
    )  # fmt: skip


def _mean(d: Domain, r: random.Random) -> Code:
    a, b = r.randint(2, 40), r.randint(2, 40)
    return _code(
        d, r.choice(("averages", "summary")), f"mean_{d.measure}", "DECIMALS", r.randint(1, 4),
        signature=f"({d.items}: list[float]) -> float",
        doc=f"Mean {d.measure} of some {d.items}; 0.0 for none.",
        body=f"    if not {d.items}:\n        return 0.0\n"
        f"    return round(sum({d.items}) / len({d.items}), DECIMALS)\n",
        right=f"/ len({d.items}), ", wrong=f"/ (len({d.items}) + 1), ",
        symptom=f"the mean {d.measure} of {a} and {a + 2 * b} comes out lower than {a + b}",
        fix=f"divide by len({d.items}), without the + 1",
        good=("none_at_all", f"assert mean_{d.measure}([]) == 0.0"),
        failing=("two_values", f"assert mean_{d.measure}([{a}, {a + 2 * b}]) == {float(a + b)}"),
        example=f"mean_{d.measure}([{a}, {b}, {a + b}])",
    )  # fmt: skip


def _discount(d: Domain, r: random.Random) -> Code:
    percent, bulk, price = r.choice((5, 10, 15, 20, 25)), r.randint(4, 15), r.randint(1, 9) * 100
    total = price * bulk
    return _code(
        d, r.choice(("discounts", "totals")), f"total_for_{d.items}", "BULK_COUNT", bulk,
        signature="(count: int, price: int) -> int",
        doc=f"Price of several {d.items}, {percent} percent off from the bulk count on.",
        body=f"    total = count * price\n    if count >= BULK_COUNT:\n"
        f"        total -= total * {percent} // 100\n    return total\n",
        right="// 100", wrong="// 10",
        symptom=f"{bulk} {d.items} at {price} cost {total - total * percent // 10} "
        f"instead of {total - total * percent // 100}",
        fix="divide the discount by 100, not by 10",
        good=("no_discount", f"assert total_for_{d.items}(1, {price}) == {price}"),
        failing=("bulk_discount",
                 f"assert total_for_{d.items}({bulk}, {price}) == {total - total * percent // 100}"),
        example=f"total_for_{d.items}({bulk + 2}, {price})",
    )  # fmt: skip


def _count_by(d: Domain, r: random.Random) -> Code:
    one, two = r.sample(d.names, 2)
    return _code(
        d, r.choice(("grouping", "counts")), f"count_by_{d.label}", "UNKNOWN", r.choice(
            ("unknown", "none", "other", "n/a")),
        signature=f"({d.items}: list[dict[str, str]]) -> dict[str, int]",
        doc=f"How many {d.items} each {d.label} has.",
        body=f"    counts: dict[str, int] = {{}}\n    for {d.item} in {d.items}:\n"
        f'        {d.label} = {d.item}.get("{d.label}", UNKNOWN)\n'
        f"        counts[{d.label}] = counts.get({d.label}, 0) + 1\n    return counts\n",
        right=f"counts.get({d.label}, 0)", wrong=f"counts.get({d.label}, 1)",
        symptom=f"a single {d.item} of {one} is counted as 2",
        fix="start each count at 0 instead of 1",
        good=("nothing_to_count", f"assert count_by_{d.label}([]) == {{}}"),
        failing=(f"one_{d.item}",
                 f'assert count_by_{d.label}([{{"{d.label}": "{one}"}}]) == {{"{one}": 1}}'),
        example=f'count_by_{d.label}([{{"{d.label}": "{two}"}}, {{}}])',
    )  # fmt: skip


def _clean(d: Domain, r: random.Random) -> Code:
    length, name = r.randint(5, 20), r.choice(d.names)
    return _code(
        d, r.choice(("cleaning", "names")), f"clean_{d.label}", "MAX_LENGTH", length,
        signature="(text: str) -> str",
        doc=f"The {d.label} of a {d.item} in one line, cut to the longest length.",
        body='    words = text.split()\n    return " ".join(words)[:MAX_LENGTH]\n',
        right="[:MAX_LENGTH]", wrong="[MAX_LENGTH:]",
        symptom=f"a {d.label} like {name!r} comes out as an empty text",
        fix="keep the part before MAX_LENGTH, not the one after it",
        good=("empty_text", f'assert clean_{d.label}("  ") == ""'),
        failing=("white_space", f'assert clean_{d.label}(" {name} ") == "{name}"'),
        example=f'clean_{d.label}("  {name}   {r.choice(d.names)} ")',
    )  # fmt: skip


def _largest(d: Domain, r: random.Random) -> Code:
    low, high = r.randint(1, 40), r.randint(50, 90)
    return _code(
        d, r.choice(("ranking", "top_list")), f"largest_{d.items}", "SHOWN", r.randint(2, 12),
        signature=f"({d.items}: list[int], count: int = SHOWN) -> list[int]",
        doc=f"The {d.items} with the most {d.measure}, largest first.",
        body=f"    ordered = sorted({d.items}, reverse=True)\n    return ordered[:count]\n",
        right=", reverse=True", wrong="",
        symptom=f"the list starts with the smallest of the {d.items}",
        fix="sort in descending order",
        good=("count_of_none", f"assert largest_{d.items}([{low}], 0) == []"),
        failing=("largest_first", f"assert largest_{d.items}([{low}, {high}], 1) == [{high}]"),
        example=f"largest_{d.items}([{low}, {high}, {low + 3}], 2)",
    )  # fmt: skip


def _parse(d: Domain, r: random.Random) -> Code:
    mark, name, number = r.choice((";", ":", "|", "=")), r.choice(d.names), r.randint(1, 90)
    return _code(
        d, r.choice(("parsing", "lines")), f"parse_{d.item}", "SEPARATOR", mark,
        signature="(line: str) -> tuple[str, float]",
        doc=f"Split a line into the {d.label} and the {d.measure}.",
        body="    name, _, number = line.partition(SEPARATOR)\n    return name.strip(), float(number)\n",
        right="return name.strip(), ", wrong="return name, ",
        symptom=f'the {d.label} of "{name} {mark} {number}" keeps a blank at its end',
        fix="strip the name",
        good=("without_blanks", f'assert parse_{d.item}("{name}{mark}{number}") == ("{name}", {number})'),
        failing=("blank_before_the_separator",
                 f'assert parse_{d.item}("{name} {mark} {number}") == ("{name}", {number})'),
        example=f'parse_{d.item}("{name} {mark} {number}")',
    )  # fmt: skip


def _batches(d: Domain, r: random.Random) -> Code:
    size, more = r.randint(3, 25), r.randint(2, 6)
    return _code(
        d, r.choice(("batching", "chunks")), f"{d.item}_groups", "GROUP_SIZE", size,
        signature=f"({d.items}: list[int], size: int = GROUP_SIZE) -> list[list[int]]",
        doc=f"The {d.items} in groups; the last one may be shorter.",
        body=f"    starts = range(0, len({d.items}), size)\n"
        f"    return [{d.items}[start : start + size] for start in starts]\n",
        right=f"len({d.items}), size", wrong=f"len({d.items}) - 1, size",
        symptom=f"the last of {more + 1} {d.items} is lost when the size is {more}",
        fix=f"let the range run to len({d.items}), without the - 1",
        good=("no_items", f"assert {d.item}_groups([]) == []"),
        failing=("last_group",
                 f"assert len({d.item}_groups([7] * {more + 1}, {more})) == 2"),
        example=f"{d.item}_groups([1, 2, 3, 4, 5], {r.randint(2, 4)})",
    )  # fmt: skip


def _clamp(d: Domain, r: random.Random) -> Code:
    low, high = r.randint(1, 9), r.randint(20, 99)
    return _code(
        d, r.choice(("limits", "bounds")), f"bounded_{d.measure}", f"HIGHEST_{d.measure.upper()}", high,
        signature=f"({d.measure}: int) -> int",
        doc=f"The {d.measure} of a {d.item}, held between {low} and the highest one.",
        body=f"    return min(max({d.measure}, {low}), HIGHEST_{d.measure.upper()})\n",
        right=f"min(max({d.measure}, {low}), ", wrong=f"max(max({d.measure}, {low}), ",
        symptom=f"{high + 5} {d.unit} should become {high}, and {low + 4} should stay as it is",
        fix="make the outer max a min",
        good=("highest", f"assert bounded_{d.measure}({high}) == {high}"),
        failing=("in_between", f"assert bounded_{d.measure}({low + 4}) == {low + 4}"),
        example=f"bounded_{d.measure}({high + r.randint(1, 50)})",
    )  # fmt: skip


def _band(d: Domain, r: random.Random) -> Code:
    edge = r.randint(4, 70)
    small, large = r.choice(
        (("small", "large"), ("short", "long"), ("low", "high"), ("green", "red"))
    )
    return _code(
        d, r.choice(("bands", "classes")), f"{d.item}_class", f"{large.upper()}_FROM", edge,
        signature=f"({d.measure}: int) -> str",
        doc=f'Call a {d.item} "{small}" or "{large}".',
        body=f"    if {d.measure} < {large.upper()}_FROM:\n"
        f'        return "{small}"\n    return "{large}"\n',
        right=f"if {d.measure} < ", wrong=f"if {d.measure} <= ",
        symptom=f'{edge} {d.unit} is called "{small}", but "{large}" starts there',
        fix="use < instead of <=",
        good=(f"{small}_{d.item}", f'assert {d.item}_class({edge - 1}) == "{small}"'),
        failing=(f"{large}_starts_at_the_edge", f'assert {d.item}_class({edge}) == "{large}"'),
        example=f"{d.item}_class({edge + r.randint(1, 20)})",
    )  # fmt: skip


def _remaining(d: Domain, r: random.Random) -> Code:
    capacity, over = r.randint(20, 400), r.randint(1, 15)
    return _code(
        d, r.choice(("capacity", "quota")), f"remaining_{d.measure}", "CAPACITY", capacity,
        signature="(used: int) -> int",
        doc=f"What is left of the {d.measure}, never less than nothing.",
        body="    left = CAPACITY - used\n    return max(left, 0)\n",
        right="max(left, 0)", wrong="abs(left)",
        symptom=f"{over} {d.unit} too many are shown as {over} left",
        fix="return max(left, 0) instead of the absolute value",
        good=("nothing_used", f"assert remaining_{d.measure}(0) == {capacity}"),
        failing=("more_than_the_capacity",
                 f"assert remaining_{d.measure}({capacity + over}) == 0"),
        example=f"remaining_{d.measure}({capacity - over})",
    )  # fmt: skip


def _reminder(d: Domain, r: random.Random) -> Code:
    days = r.randint(3, 45)
    return _code(
        d, r.choice(("reminders", "deadlines")), f"{d.item}_reminder_due", "REMIND_AFTER", days,
        signature="(days: int, reminded: bool = False) -> bool",
        doc=f"Whether the {d.label} of a {d.item} should hear from us.",
        body="    if reminded:\n        return False\n    return days >= REMIND_AFTER\n",
        right="days >= ", wrong="days > ",
        symptom=f"on day {days} nothing is sent; it goes out a day late",
        fix="use >= instead of >",
        good=("already_reminded", f"assert not {d.item}_reminder_due({days + 9}, reminded=True)"),
        failing=("on_the_day", f"assert {d.item}_reminder_due({days})"),
        example=f"{d.item}_reminder_due({days + r.randint(1, 5)})",
    )  # fmt: skip


SHAPES: tuple[Callable[[Domain, random.Random], Code], ...] = (
    _charge, _mean, _discount, _count_by, _clean, _largest, _parse, _batches, _clamp, _band,
    _remaining, _reminder,
)  # fmt: skip
