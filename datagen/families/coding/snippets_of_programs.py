"""Snippets on functions, generators and loops, each with the reason for what it prints.

Not covered: what a snippet prints; that is found out by running it.
"""

import random

from datagen.families.coding.drawn_values import WORDS, Snippet


def late_closure(rng: random.Random) -> tuple[str, str]:
    """Lambdas that share a loop variable."""
    count, value = rng.randint(3, 5), rng.randint(2, 40)
    return (
        f"functions = [lambda x: x * n for n in range({count})]\nprint([f({value}) for f in functions])",
        f"All {count} lambdas refer to the same variable n, which is {count - 1} when they are called, "
        f"so each gives {value} * {count - 1}. `lambda x, n=n: x * n` would bind the values one by one.",
    )


def counter_closure(rng: random.Random) -> tuple[str, str]:
    """A closure with state."""
    start, step = rng.randint(1, 50), rng.randint(2, 9)
    return (
        f"def make_counter(value):\n    def count():\n        nonlocal value\n        value += {step}\n"
        f"        return value\n\n    return count\n\n\nfirst = make_counter({start})\n"
        f"second = make_counter({start})\nfirst()\nfirst()\nprint(first(), second())",
        "Each call of make_counter makes a variable of its own. `first` was called three times, "
        f"which gives {start} + 3 * {step}; `second` only once.",
    )


def mutable_default(rng: random.Random) -> tuple[str, str]:
    """A default list that is shared."""
    a, b = rng.sample(WORDS, 2)
    return (
        f"def collect(item, found=[]):\n    found.append(item)\n    return found\n\n\n"
        f'collect("{a}")\nprint(collect("{b}"))',
        "The default list is created once, when the function is defined, so the second call still "
        "finds what the first one appended.",
    )


def generator(rng: random.Random) -> tuple[str, str]:
    """A generator is used up."""
    end = rng.randint(4, 9)
    factor = rng.randint(2, 5)
    total = sum(n * factor for n in range(end))
    return (
        f"numbers = (n * {factor} for n in range({end}))\nprint(sum(numbers), list(numbers))",
        f"The sum is {total} and uses the generator up; after that it yields nothing, so the list "
        "is empty.",
    )


def generator_function(rng: random.Random) -> tuple[str, str]:
    """Next on a generator function."""
    start, limit = rng.randint(1, 9), rng.randint(60, 300)
    return (
        f"def doubling(value):\n    while value < {limit}:\n        yield value\n        value *= 2\n\n\n"
        f"steps = doubling({start})\nnext(steps)\nprint(next(steps), list(steps)[-1])",
        f"The first `next` yields {start} and the second {start * 2}. `list` takes the rest; its last "
        f"value is the largest one below {limit}.",
    )


def recursion(rng: random.Random) -> tuple[str, str]:
    """A small recursive function."""
    number = rng.randint(1000, 99999)
    kind = rng.randrange(3)
    if kind == 0:
        return (
            f"def f(n):\n    return n if n < 10 else n % 10 + f(n // 10)\n\n\nprint(f({number}))",
            "Each call splits off the last digit and adds it to the result for the rest, so this is the "
            f"sum of the digits: {' + '.join(reversed(str(number)))}.",
        )
    if kind == 1:
        a, b = rng.randint(12, 90) * 6, rng.randint(8, 60) * 6
        return (
            f"def f(a, b):\n    return a if b == 0 else f(b, a % b)\n\n\nprint(f({a}, {b}))",
            "This is Euclid's algorithm: the pair (a, b) becomes (b, a % b) until b is 0, and then a is "
            "the greatest common divisor.",
        )
    n = rng.randint(5, 60)
    return (
        f"def f(n):\n    return str(n) if n < 2 else f(n // 2) + str(n % 2)\n\n\nprint(f({n}))",
        f"Each call appends the remainder of a division by 2, so the result is {n} in binary, as text.",
    )


def exception_flow(rng: random.Random) -> tuple[str, str]:
    """Finally and else."""
    word = rng.choice(WORDS)
    bad = rng.random() < 0.5
    text = word if bad else str(rng.randint(2, 999))
    return (
        f'try:\n    n = int("{text}")\nexcept ValueError:\n    print("bad", end=" ")\nelse:\n'
        f'    print(n * 2, end=" ")\nfinally:\n    print("done")',
        "`int` cannot read the text and raises ValueError, so the except block runs and the else block "
        "does not; finally runs in any case."
        if bad
        else "The conversion works, so the except block is skipped and the else block runs; finally "
        "runs in any case.",
    )


def while_steps(rng: random.Random) -> tuple[str, str]:
    """A loop that halves."""
    n = rng.randint(40, 5000)
    steps = n.bit_length() - 1
    return f"n, steps = {n}, 0\nwhile n > 1:\n    n //= 2\n    steps += 1\nprint(steps)", (
        f"The loop halves n, rounding down, until it is 1. Since 2**{steps} <= {n} < 2**{steps + 1}, "
        f"that takes {steps} steps."
    )


CONTROL: tuple[Snippet, ...] = (
    late_closure, counter_closure, mutable_default, generator, generator_function, recursion,
    exception_flow, while_steps, recursion,
)  # fmt: skip
"""On functions, generators and loops."""
