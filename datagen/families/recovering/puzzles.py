"""Puzzles that a slow program does not solve in time, each with a quick one.

Not covered: what is said about them (`slow`).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass


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
