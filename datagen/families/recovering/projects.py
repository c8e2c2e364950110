"""Little projects in which calls fail: domains, modules with a test and a bug, settings, tables.

A domain gives the words, a shape the code; every pair of them is a project of its own.

Not covered: what is asked about a project, and how (`datagen.families.recovering`).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from datagen import table as tables
from datagen.table import Table


class Domain(Table):
    """The words of a small trade."""

    package: str
    item: str
    items: str
    measure: str
    unit: str
    label: str
    names: tuple[str, ...]
    """Values of the label."""


class Loop(NamedTuple):
    """A function that ends with `right`, and runs for ever with `wrong` in its place."""

    function: str
    doc: str
    parameter: str
    body: str
    right: str
    wrong: str
    cause: str


class Projects(Table):
    """What projects are made of."""

    domains: tuple[Domain, ...]
    loops: tuple[Loop, ...]


trades = tables.read(tables.TABLES / "recovering/projects.toml", Projects)


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


@dataclass(frozen=True)
class Project:
    """A domain with one module of code."""

    domain: Domain
    code: Code

    @property
    def path(self) -> str:
        """Of the module."""
        return f"{self.domain.package}/{self.code.module}.py"

    @property
    def test_path(self) -> str:
        """Of its tests."""
        return f"tests/test_{self.code.module}.py"

    @property
    def tests(self) -> str:
        """The test module."""
        code = self.code
        bodies = zip(code.test_names, code.tests, strict=True)
        return f"from {self.domain.package}.{code.module} import {code.function}\n" + "".join(
            f"\n\ndef test_{name}() -> None:\n    {body}\n" for name, body in bodies
        )

    def slots(self) -> dict[str, str]:
        """The words that the sentences are filled with."""
        d, code = self.domain, self.code
        return {
            "package": d.package, "item": d.item, "items": d.items, "measure": d.measure,
            "unit": d.unit, "label": d.label, "module": f"{code.module}.py", "path": self.path,
            "function": code.function, "constant": code.constant, "symptom": code.symptom,
            "fix": code.fix, "test_path": self.test_path, "example": code.example,
        }  # fmt: skip


def draw(r: random.Random) -> Project:
    """Some project."""
    domain = r.choice(trades.domains)
    return Project(domain, r.choice(SHAPES)(domain, r))


def settings(domain: Domain, r: random.Random) -> dict[str, int | str]:
    """Four or five settings in some order."""
    known: dict[str, int | str] = {
        f"max_{domain.measure}": r.randint(10, 900),
        f"{domain.items}_per_page": r.choice((10, 15, 20, 24, 30, 50)),
        f"default_{domain.label}": r.choice(domain.names),
        f"keep_{domain.items}_days": r.randint(7, 400),
        "retry_count": r.randint(2, 9),
        "language": r.choice(("en", "de", "fr", "nl", "sv", "pt")),
        "export_hour": r.randint(0, 23),
        f"warn_{domain.label}_after": r.randint(2, 60),
    }
    return {key: known[key] for key in r.sample(list(known), r.randint(4, 5))}


def table(domain: Domain, r: random.Random, rows: int = 5) -> list[tuple[str, int]]:
    """Rows of label and measure."""
    return [(r.choice(domain.names), r.randint(3, 180)) for _ in range(rows)]


def csv_text(domain: Domain, rows: list[tuple[str, int]]) -> str:
    """The rows as a CSV file with a header."""
    lines = [f"{domain.label},{domain.measure}", *(f"{name},{number}" for name, number in rows)]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class App:
    """A small Flask app."""

    prefix: str
    source: str
    rows: list[tuple[str, int]]
    changing: str
    """The method that changes an entry: PUT or PATCH."""


def flask_app(domain: Domain, r: random.Random) -> App:
    """An app.py with some routes for the domain."""
    prefix = r.choice(("", "/api", "/v1", "/api/v2", "/internal"))
    rows = table(domain, r, r.randint(2, 4))
    changing = r.choice(("put", "patch"))
    d, name = domain, domain.items.upper()
    entries = "".join(
        f'    {number}: {{"{d.label}": "{label}", "{d.measure}": {value}}},\n'
        for number, (label, value) in enumerate(rows, start=1)
    )
    source = f'''"""The {d.items} over HTTP."""

from flask import Flask, Response, abort, jsonify, request

app = Flask(__name__)
{name} = {{
{entries}}}


@app.get("{prefix}/{d.items}")
def list_{d.items}() -> Response:
    return jsonify(list({name}.values()))


@app.get("{prefix}/{d.items}/<int:number>")
def show_{d.item}(number: int) -> Response:
    if number not in {name}:
        abort(404)
    return jsonify({name}[number])


@app.post("{prefix}/{d.items}")
def add_{d.item}() -> tuple[Response, int]:
    {name}[len({name}) + 1] = request.get_json()
    return jsonify(id=len({name})), 201


@app.{changing}("{prefix}/{d.items}/<int:number>")
def change_{d.item}(number: int) -> Response:
    {name}[number] = {{**{name}[number], **request.get_json()}}
    return jsonify({name}[number])
'''
    return App(prefix, source, rows, changing.upper())


@dataclass(frozen=True)
class Puzzle:
    """A question that a slow program does not answer in a second, and a quick one does."""

    question: str
    slow: str
    quick: str
    why: str
    instead: str


def puzzle(r: random.Random) -> Puzzle:
    """Some question about numbers."""
    return r.choice(PUZZLES)(r)


def _fibonacci(r: random.Random) -> Puzzle:
    n = r.randint(55, 90)
    return Puzzle(
        f"the Fibonacci number with index {n} (starting with F(0) = 0)",
        "def fib(n: int) -> int:\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n\n\n"
        f"print(fib({n}))",
        f"a, b = 0, 1\nfor _ in range({n}):\n    a, b = b, a + b\nprint(a)",
        "the recursion computes the same values over and over, so its calls grow exponentially",
        "a loop that carries the last two values",
    )


def _paths(r: random.Random) -> Puzzle:
    rows, columns = r.randint(16, 24), r.randint(16, 24)
    return Puzzle(
        f"how many ways lead from corner to corner of a {rows} by {columns} grid, "
        "with steps to the right and down only",
        "def ways(rows: int, columns: int) -> int:\n    if rows == 0 or columns == 0:\n"
        "        return 1\n    return ways(rows - 1, columns) + ways(rows, columns - 1)\n\n\n"
        f"print(ways({rows}, {columns}))",
        f"from math import comb\n\nprint(comb({rows} + {columns}, {rows}))",
        "the recursion walks every single path",
        "the binomial coefficient, which counts them directly",
    )


def _sum_multiples(r: random.Random) -> Puzzle:
    a, b, top = r.choice((3, 7)), r.choice((5, 11)), r.randint(2, 9) * 10**9
    return Puzzle(
        f"the sum of all numbers below {top} that {a} or {b} divides",
        f"print(sum(n for n in range({top}) if n % {a} == 0 or n % {b} == 0))",
        "def multiples(step: int, below: int) -> int:\n    count = (below - 1) // step\n"
        "    return step * count * (count + 1) // 2\n\n\n"
        f"top = {top}\nprint(multiples({a}, top) + multiples({b}, top) - multiples({a * b}, top))",
        "the loop looks at some thousand million numbers",
        "the formula for arithmetic series",
    )


def _change(r: random.Random) -> Puzzle:
    coins, total = [1, 2, 5, *sorted(r.sample((8, 10, 15, 20), 2))], r.randint(300, 400)
    return Puzzle(
        f"in how many ways coins of {', '.join(map(str, coins))} make {total}",
        f"coins = {coins}\n\n\ndef ways(total: int, most: int) -> int:\n    if total == 0:\n"
        "        return 1\n    return sum(\n"
        "        ways(total - coin, coin) for coin in coins if coin <= min(total, most)\n    )\n\n\n"
        f"print(ways({total}, {coins[-1]}))",
        f"ways = [1] + [0] * {total}\nfor coin in {coins}:\n"
        f"    for value in range(coin, {total} + 1):\n        ways[value] += ways[value - coin]\n"
        f"print(ways[{total}])",
        "the recursion lists each combination one by one",
        "a table of the ways for every smaller amount",
    )


def _stairs(r: random.Random) -> Puzzle:
    steps = r.randint(40, 70)
    return Puzzle(
        f"in how many ways one can climb {steps} stairs taking 1, 2 or 3 at a time",
        "def climb(left: int) -> int:\n    if left < 0:\n        return 0\n    if left == 0:\n"
        "        return 1\n    return climb(left - 1) + climb(left - 2) + climb(left - 3)\n\n\n"
        f"print(climb({steps}))",
        "from functools import cache\n\n\n@cache\ndef climb(left: int) -> int:\n"
        "    if left < 0:\n        return 0\n    if left == 0:\n        return 1\n"
        "    return climb(left - 1) + climb(left - 2) + climb(left - 3)\n\n\n"
        f"print(climb({steps}))",
        "without a cache each call splits into three more",
        "the same function with a cache",
    )


def _primes(r: random.Random) -> Puzzle:
    top = r.randint(9, 15) * 100_000
    return Puzzle(
        f"how many primes there are below {top}",
        f"count = 0\nfor n in range(2, {top}):\n    if all(n % d for d in range(2, n)):\n"
        "        count += 1\nprint(count)",
        f"top = {top}\nsieve = bytearray([1]) * top\nsieve[:2] = b'\\0\\0'\n"
        "for n in range(2, int(top**0.5) + 1):\n    if sieve[n]:\n"
        "        sieve[n * n :: n] = bytes(len(range(n * n, top, n)))\nprint(sum(sieve))",
        "every number is divided by all smaller ones",
        "a sieve",
    )


def _power(r: random.Random) -> Puzzle:
    base, exponent, modulus = r.randint(3, 19), r.randint(3, 9) * 10**11 + 7, r.randint(500, 9999)
    return Puzzle(
        f"the remainder of {base} to the power of {exponent} divided by {modulus}",
        f"value = 1\nfor _ in range({exponent}):\n    value = value * {base} % {modulus}\nprint(value)",
        f"print(pow({base}, {exponent}, {modulus}))",
        "the loop multiplies once for each unit of the exponent",
        "pow with three arguments, which squares its way up",
    )


def _subsets(r: random.Random) -> Puzzle:
    numbers, total = [r.randint(3, 60) for _ in range(30)], r.randint(300, 500)
    return Puzzle(
        f"how many selections from {numbers} add up to {total}",
        f"from itertools import combinations\n\nnumbers = {numbers}\nprint(\n    sum(\n"
        f"        sum(some) == {total}\n        for size in range(len(numbers) + 1)\n"
        "        for some in combinations(numbers, size)\n    )\n)",
        f"from collections import Counter\n\nways = Counter({{0: 1}})\nfor number in {numbers}:\n"
        "    more = Counter({total + number: count for total, count in ways.items()})\n"
        f"    ways.update(more)\nprint(ways[{total}])",
        "30 numbers have about a thousand million selections",
        "a count of the sums that can be reached, number by number",
    )


def _pairs(r: random.Random) -> Puzzle:
    count, step, gap = r.randint(30, 60) * 1000, r.randint(3, 17), r.randint(2, 40)
    make = f"values = [n * n * {step} % 1000003 for n in range({count})]\n"
    return Puzzle(
        f"how many pairs of the {count} values n * n * {step} % 1000003 (n from 0) differ by {gap}",
        f"{make}print(\n    sum(\n        abs(values[i] - values[j]) == {gap}\n"
        "        for i in range(len(values))\n        for j in range(i)\n    )\n)",
        f"from collections import Counter\n\n{make}seen = Counter(values)\n"
        f"print(sum(count * seen[value + {gap}] for value, count in seen.items()))",
        f"comparing all pairs of {count} values takes far too many steps",
        "a counter of the values, which needs one pass",
    )


def _gcd(r: random.Random) -> Puzzle:
    common = r.randint(20, 400)
    a, b = common * (10**9 + 7), common * (9 * 10**8 + 11)
    return Puzzle(
        f"the greatest common divisor of {a} and {b}",
        f"a, b = {a}, {b}\nfor candidate in range(b, 0, -1):\n"
        "    if a % candidate == 0 and b % candidate == 0:\n        print(candidate)\n        break",
        f"from math import gcd\n\nprint(gcd({a}, {b}))",
        "the loop counts down through all candidates",
        "Euclid's algorithm, which math.gcd has",
    )


def _trailing(r: random.Random) -> Puzzle:
    n = r.randint(300, 900) * 1000
    return Puzzle(
        f"how many zeros {n} factorial ends with",
        "product = 1\n"
        f"for n in range(1, {n} + 1):\n    product *= n\nzeros = 0\nwhile product % 10 == 0:\n"
        "    product //= 10\n    zeros += 1\nprint(zeros)",
        f"n, zeros = {n}, 0\nwhile n:\n    n //= 5\n    zeros += n\nprint(zeros)",
        "the factorial has millions of digits",
        "a count of the factors 5, with no factorial at all",
    )


def _happy(r: random.Random) -> Puzzle:
    top = r.randint(200, 2000)
    step = (
        "def step(n: int) -> int:\n    return sum(int(digit) ** 2 for digit in str(n))\n\n\n"
        f"happy = 0\nfor start in range(1, {top}):\n    n = start\n"
    )
    return Puzzle(
        f"how many happy numbers there are below {top} (squares of the digits added up end in 1)",
        f"{step}    while n != 1:\n        n = step(n)\n    happy += 1\nprint(happy)",
        f"{step}    while n not in (1, 4):\n        n = step(n)\n    happy += n == 1\nprint(happy)",
        "a number that is not happy never reaches 1, so the loop has no end",
        "a loop that also stops at 4, which every other number comes to",
    )


def _triples(r: random.Random) -> Puzzle:
    perimeter = r.randint(20, 50) * 60
    return Puzzle(
        f"how many right triangles with whole sides a <= b < c have a perimeter of {perimeter}",
        f"p = {perimeter}\nprint(\n    sum(\n        a + b + c == p and a * a + b * b == c * c\n"
        "        for a in range(1, p)\n        for b in range(a, p)\n"
        "        for c in range(b, p)\n    )\n)",
        f"p = {perimeter}\nprint(\n    sum(\n        a * a + b * b == (p - a - b) ** 2\n"
        "        for a in range(1, p // 3)\n        for b in range(a, (p - a) // 2 + 1)\n    )\n)",
        "three nested loops try every combination of sides",
        "two loops, because the third side follows from the perimeter",
    )


def _subsequence(r: random.Random) -> Puzzle:
    one, two = ("".join(r.choices("abcdefgh", k=r.randint(26, 34))) for _ in range(2))
    return Puzzle(
        f'the length of the longest common subsequence of "{one}" and "{two}"',
        f'a, b = "{one}", "{two}"\n\n\ndef longest(i: int, j: int) -> int:\n'
        "    if i == len(a) or j == len(b):\n        return 0\n    if a[i] == b[j]:\n"
        "        return 1 + longest(i + 1, j + 1)\n"
        "    return max(longest(i + 1, j), longest(i, j + 1))\n\n\nprint(longest(0, 0))",
        f'a, b = "{one}", "{two}"\nrow = [0] * (len(b) + 1)\nfor x in a:\n    last = row\n'
        "    row = [0]\n    for j, y in enumerate(b):\n"
        "        row.append(last[j] + 1 if x == y else max(last[j + 1], row[j]))\nprint(row[-1])",
        "the recursion solves the same remainders again and again",
        "a table that is filled row by row",
    )


PUZZLES: tuple[Callable[[random.Random], Puzzle], ...] = (
    _fibonacci, _paths, _sum_multiples, _change, _stairs, _primes, _power, _subsets, _pairs, _gcd,
    _trailing, _happy, _triples, _subsequence,
)  # fmt: skip
