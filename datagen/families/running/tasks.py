"""Code that answers questions about tables and numbers, and sentences with what it printed.

Each calculation gives requests to choose from, the code, and answers with {0}, {1}, ... for the
words that the code prints.

Not covered: the conversation (`datagen.families.running`).
"""

import json
import random
from collections.abc import Mapping

from datagen import table as tables
from datagen.table import Table

Rows = list[tuple[str, int]]
Calculation = tuple[tuple[str, ...], str, tuple[str, ...]]
"""Requests, code, answers."""


class Work(Table):
    """Ways to compute an answer from `rows`, and answers with {0}, {1}, ... for what is printed."""

    code: tuple[str, ...]
    answers: tuple[str, ...]


class Code(Table):
    """Code that answers questions about tables."""

    loaders: Mapping[str, tuple[str, ...]]
    """Ways to read the pairs of key and value, by format."""
    work: Mapping[str, Work]
    """By question."""


programs = tables.read(tables.TABLES / "running/code.toml", Code)


def table(kind: str, key: str, value: str, rows: Rows) -> str:
    """The rows as a file of some kind."""
    if kind in ("csv", "semicolons"):
        mark = "," if kind == "csv" else ";"
        return "".join(f"{a}{mark}{b}\n" for a, b in [(key, value), *rows])
    if kind == "json":
        inner = ",\n".join("  " + json.dumps({key: a, value: b}) for a, b in rows)
        return f"[\n{inner}\n]\n"
    if kind == "jsonl":
        return "".join(json.dumps({key: a, value: b}) + "\n" for a, b in rows)
    lines = []
    for number, (a, b) in enumerate(rows, start=1):
        lines.append(f"[{number:03d}] INFO entry stored {key}={a} {value}={b}\n")
        if number % 7 == 0:
            lines.append(f"[{number:03d}] DEBUG cache written\n")
    return "".join(lines)


def expected(question: str, rows: Rows, name: str, limit: int) -> list[str] | None:
    """The same result by another way, for the questions where one is short."""
    values = [value for _, value in rows]
    names = sorted({key for key, _ in rows})
    sums = {each: sum(value for key, value in rows if key == each) for each in names}
    counted = {each: sum(key == each for key, _ in rows) for each in names}
    known = {
        "totals": [", ".join(f"{each} {sums[each]}" for each in names)],
        "counts": [", ".join(f"{each} {counted[each]}" for each in names)],
        "above": [str(len([v for v in values if v > limit])), str(len(values))],
        "one_sum": [str(sums.get(name, 0)), str(counted.get(name, 0))],
        "spread": [str(min(values)), str(max(values)), str(max(values) - min(values))],
    }
    return known.get(question)


def fill(code: str, words: dict[str, str]) -> str:
    """Code with its slots filled; other braces stay."""
    for word in ("file", "name", "limit"):
        code = code.replace(f"{{{word}}}", words[word])
    for word in ("key", "value"):
        for before, after in (('["{%s}"]', '["%s"]'), ("{%s}=", "%s=")):
            code = code.replace(before % word, after % words[word])
    return code.rstrip("\n")


def ordered(code: str) -> str:
    """Code with its imports at the top."""
    lines = code.splitlines()
    imports = [line for line in lines if line.startswith(("import ", "from "))]
    rest = "\n".join(line for line in lines if line not in imports).strip("\n")
    while "\n\n\n" in rest:
        rest = rest.replace("\n\n\n", "\n\n")
    imports.sort(key=lambda line: (line.startswith("from "), line))
    return "\n".join(imports) + "\n\n" + rest if imports else rest


def multiples(rng: random.Random) -> Calculation:
    """Numbers that one of two divisors divides."""
    a, b = rng.sample((3, 4, 6, 7, 9, 11, 13), 2)
    end = rng.randint(400, 90000)
    return (
        (
            f"How many whole numbers from 1 to {end} are divisible by {a} or {b}?",
            f"Count the numbers up to {end} that {a} or {b} divides.",
            f"Between 1 and {end}, how many multiples of {a} or of {b} are there?",
        ),
        f"print(sum(n % {a} == 0 or n % {b} == 0 for n in range(1, {end} + 1)))",
        (
            f"There are {{0}} numbers from 1 to {end} that {a} or {b} divides.",
            "{0} numbers.",
            f"Up to {end} it is {{0}}.",
        ),
    )


def factors(rng: random.Random) -> Calculation:
    """Prime factors."""
    n = rng.choice((2, 3, 5, 7)) * rng.randint(300, 9000) * rng.choice((2, 11, 13, 17))
    return (
        (
            f"What are the prime factors of {n}?",
            f"Factorise {n}.",
            f"Please split {n} into primes.",
        ),
        f"n, divisor, found = {n}, 2, []\nwhile divisor * divisor <= n:\n    while n % divisor == 0:\n"
        "        found.append(divisor)\n        n //= divisor\n    divisor += 1\nif n > 1:\n    "
        "found.append(n)\n"
        'print(" x ".join(map(str, found)))',
        (f"{n} = {{0}}", f"The prime factorisation of {n} is {{0}}.", "The factors are {0}."),
    )


def digit_total(rng: random.Random) -> Calculation:
    """The digits of a large power."""
    base, power = rng.randint(2, 9), rng.randint(60, 700)
    return (
        (
            f"What is the sum of the digits of {base} to the power of {power}?",
            f"Add up all digits of {base}**{power}.",
            f"Digit sum of {base}^{power}? And how many digits does it have?",
        ),
        f'digits = str({base}**{power})\nprint(sum(map(int, digits)), len(digits), sep="|")',
        (
            f"The {{1}} digits of {base}**{power} add up to {{0}}.",
            "The digit sum is {0}; the number has {1} digits.",
        ),
    )


def doubling_time(rng: random.Random) -> Calculation:
    """Years until a balance is reached."""
    start, rate = rng.randint(5, 90) * 100, rng.choice((1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6))
    goal = start * rng.choice((2, 3)) + rng.randint(0, 9) * 50
    return (
        (
            f"I put {start} into an account at {rate} % interest a year. After how many years is it "
            f"at least {goal}?",
            f"How long until {start} grows to {goal} at {rate} percent per year, compounded yearly?",
            f"Savings: {start} at {rate} % yearly. In which year does the balance pass {goal}, and "
            f"what is it then?",
        ),
        f"balance, years = {start}, 0\nwhile balance < {goal}:\n    balance *= 1 + {rate} / 100\n    "
        f"years += 1\n"
        'print(years, f"{balance:.2f}", sep="|")',
        (
            "It takes {0} years; then the balance is {1}.",
            "After {0} years, with {1} in the account.",
            f"In year {{0}} the balance reaches {{1}} and is at least {goal} for the first time.",
        ),
    )


def nth_prime(rng: random.Random) -> Calculation:
    """The n-th prime."""
    n = rng.randint(90, 2200)
    return (
        (
            f"What is prime number {n}, counting 2 as the first?",
            f"Find the {n}th prime, please (2 is number 1).",
            f"Which prime stands at position {n} of the list 2, 3, 5, ...?",
        ),
        f"primes, n = [], 2\nwhile len(primes) < {n}:\n    if all(n % p for p in primes if p * p <= n):\n"
        "        primes.append(n)\n    n += 1\nprint(primes[-1])",
        (f"Prime number {n} is {{0}}.", "It is {0}.", f"At position {n} stands {{0}}."),
    )


def dice(rng: random.Random) -> Calculation:
    """The probability of a sum of dice."""
    count = rng.randint(2, 4)
    total = rng.randint(count + 2, 6 * count - 2)
    return (
        (
            f"How likely is a sum of {total} with {count} dice?",
            f"Probability of rolling exactly {total} with {count} fair dice?",
            f"{count} dice are thrown. In how many of all outcomes is the sum {total}, and what's the "
            f"probability?",
        ),
        f"from itertools import product\n\nrolls = [sum(roll) for roll in product(range(1, 7), "
        f"repeat={count})]\n"
        f'hits = rolls.count({total})\nprint(hits, len(rolls), f"{{hits / len(rolls):.4f}}", sep="|")',
        (
            f"{{0}} of {{1}} outcomes have the sum {total}, a probability of {{2}}.",
            "The probability is {2} ({0} of {1} outcomes).",
        ),
    )


def coin_ways(rng: random.Random) -> Calculation:
    """The ways to pay an amount."""
    coins = sorted(rng.sample((1, 2, 5, 10, 20, 25, 50), 4))
    amount = rng.randint(60, 480)
    listed = ", ".join(map(str, coins))
    return (
        (
            f"In how many ways can {amount} cents be paid with coins of {listed}?",
            f"Coins: {listed}. Number of combinations for {amount}?",
            f"How many different combinations of {listed} cent coins make {amount} cents?",
        ),
        f"ways = [1] + [0] * {amount}\nfor coin in {coins}:\n    for amount in range(coin, {amount} + 1):\n"
        f"        ways[amount] += ways[amount - coin]\nprint(ways[{amount}])",
        (
            f"There are {{0}} ways to make {amount} cents.",
            "{0} combinations.",
            f"{amount} cents can be paid in {{0}} ways.",
        ),
    )


def longest_chain(rng: random.Random) -> Calculation:
    """The longest Collatz chain."""
    end = rng.randint(300, 9000)
    return (
        (
            f"Which start below {end} gives the longest Collatz sequence?",
            f"Collatz (n/2 or 3n+1): below {end}, who needs most steps to reach 1?",
            f"For all starts under {end}, find the one with the most Collatz steps down to 1.",
        ),
        "def steps(n):\n    count = 0\n    while n != 1:\n        n = n // 2 if n % 2 == 0 else "
        "3 * n + 1\n        count += 1\n"
        f'    return count\n\n\nbest = max(range(1, {end}), key=steps)\nprint(best, steps(best), sep="|")',
        ("It is {0}, with {1} steps.", f"Below {end} the start {{0}} takes longest: {{1}} steps."),
    )


def durations(rng: random.Random) -> Calculation:
    """Adding up times."""
    times = [f"{rng.randint(0, 3)}:{rng.randint(0, 59):02d}" for _ in range(rng.randint(4, 7))]
    listed = ", ".join(times)
    return (
        (
            f"Add up these working times (h:mm): {listed}",
            f"What is the total of {listed}, in hours and minutes?",
            f"My time sheet says {listed}. How much is that together, and what's the average per entry?",
        ),
        f'times = "{listed}".split(", ")\nminutes = [int(h) * 60 + int(m) for h, m in (t.split(":") '
        f"for t in times)]\n"
        "total = sum(minutes)\n"
        'print(f"{total // 60}:{total % 60:02d}", f"{total / len(minutes):.1f}", sep="|")',
        (
            "The total is {0} (h:mm), on average {1} minutes per entry.",
            "Together {0} hours, that is {1} minutes each on average.",
        ),
    )


def common_divisor(rng: random.Random) -> Calculation:
    """Greatest common divisor and least common multiple."""
    k = rng.randint(4, 40)
    a, b, c = (k * rng.randint(5, 90) for _ in range(3))
    return (
        (
            f"Greatest common divisor and least common multiple of {a}, {b} and {c}?",
            f"What are gcd and lcm of {a}, {b}, {c}?",
            f"I need the gcd and the lcm for the numbers {a}, {b} and {c}.",
        ),
        f'import math\n\nprint(math.gcd({a}, {b}, {c}), math.lcm({a}, {b}, {c}), sep="|")',
        (
            "The greatest common divisor is {0}, the least common multiple {1}.",
            "gcd = {0}, lcm = {1}.",
        ),
    )


def palindromes(rng: random.Random) -> Calculation:
    """Numbers that read the same backwards."""
    low = rng.randint(10, 3000)
    high = low + rng.randint(2000, 60000)
    return (
        (
            f"How many numbers between {low} and {high} are palindromes, and which is the largest?",
            f"Count palindromic numbers from {low} to {high} and name the biggest.",
            f"From {low} up to {high}: number of palindromes, largest palindrome?",
        ),
        f"found = [n for n in range({low}, {high} + 1) if str(n) == str(n)[::-1]]\n"
        'print(len(found), found[-1], sep="|")',
        (
            "There are {0}, the largest is {1}.",
            f"{{0}} numbers from {low} to {high} read the same backwards; the largest of them is {{1}}.",
        ),
    )


def bases(rng: random.Random) -> Calculation:
    """A number in other bases."""
    n = rng.randint(300, 70000)
    return (
        (
            f"Write {n} in binary, octal and hexadecimal.",
            f"What is {n} in base 2, 8 and 16?",
            f"Convert decimal {n} to bin, oct and hex, please.",
        ),
        f'n = {n}\nprint(f"{{n:b}}", f"{{n:o}}", f"{{n:x}}", sep="|")',
        (
            f"{n} is {{0}} in binary, {{1}} in octal and {{2}} in hexadecimal.",
            "Binary {0}, octal {1}, hexadecimal {2}.",
        ),
    )


CALCULATIONS = (
    multiples, factors, digit_total, doubling_time, nth_prime, dice, coin_ways, longest_chain,
    durations, common_divisor, palindromes, bases,
)  # fmt: skip
