"""Snippets on numbers and texts with values drawn at random, each with the reason for what it prints.

Not covered: what a snippet prints; that is found out by running it.
"""

import random

from datagen.families.coding.drawn_values import NAMES, WORDS, Snippet, some_numbers


def list_slice(rng: random.Random) -> tuple[str, str]:
    """A slice with start, stop and step."""
    name, values = rng.choice(NAMES), some_numbers(rng, rng.randint(6, 9))
    start, step = rng.randint(0, 2), rng.choice((2, 3))
    stop = rng.randint(start + 2, len(values))
    places = ", ".join(str(i) for i in range(start, stop, step))
    return f"{name} = {values}\nprint({name}[{start}:{stop}:{step}])", (
        f"The slice starts at index {start}, stops before index {stop} and goes in steps of "
        f"{step}, so it takes the indices {places}."
    )


def negative_slice(rng: random.Random) -> tuple[str, str]:
    """A slice with negative indices."""
    word, back = rng.choice(WORDS), rng.randint(2, 4)
    if rng.random() < 0.5:
        return f'word = "{word}"\nprint(word[-{back}:])', (
            f"A negative index counts from the end, so the slice holds the last {back} characters."
        )
    return f'word = "{word}"\nprint(word[:-{back}][::-1])', (
        f"`word[:-{back}]` drops the last {back} characters, which leaves {word[:-back]!r}; "
        "`[::-1]` reverses that."
    )


def floor_division(rng: random.Random) -> tuple[str, str]:
    """Division and remainder of a negative number."""
    a, b = -rng.randint(7, 95), rng.randint(3, 9)
    while a % b == 0:
        a -= 1
    return f"print({a} // {b}, {a} % {b})", (
        f"`//` rounds down, towards minus infinity: {a} / {b} is about {a / b:.2f}, so the quotient "
        f"is {a // b}. The remainder makes up for it, {a // b} * {b} + {a % b} = {a}, and has the "
        "sign of the divisor."
    )


def divmod_unpack(rng: random.Random) -> tuple[str, str]:
    """Divmod of seconds."""
    total, unit = rng.randint(200, 9000), rng.choice((60, 7, 12, 24))
    return f"whole, rest = divmod({total}, {unit})\nprint(whole, rest)", (
        f"`divmod(a, b)` returns `(a // b, a % b)`: {unit} fits {total // unit} times into {total}, "
        f"and {total % unit} remains."
    )


def string_methods(rng: random.Random) -> tuple[str, str]:
    """A chain of string methods."""
    a, b = rng.sample(WORDS, 2)
    kind = rng.randrange(4)
    if kind == 0:
        return f'print("  {a} {b} ".strip().title().replace(" ", "-"))', (
            "`strip` removes the blanks at both ends, `title` capitalises each word, and `replace` "
            "turns the blank in between into a dash."
        )
    if kind == 1:
        return f'print("{a},{b},,".split(","))', (
            "`split` with a separator keeps empty parts: after each of the two commas at the end "
            "there is one, so the list has four items."
        )
    if kind == 2:
        letter = a[rng.randrange(1, len(a))]
        return f'print("{a}".find("{letter}"), "{a}".find("0"))', (
            f"`find` returns the index of the first occurrence, counted from 0: {a.find(letter)} for "
            f"{letter!r}. What does not occur gives -1."
        )
    return f'print("{a}-{b}".partition("-"))', (
        "`partition` splits at the first separator and returns a tuple of three: what stands "
        "before it, the separator itself, and what follows."
    )


def strip_set(rng: random.Random) -> tuple[str, str]:
    """Strip takes a set of characters."""
    word = rng.choice([w for w in WORDS if len(w) > 5])
    ends = word[0] + word[-1]
    return f'print("{word}".strip("{ends}"), "{word}".removeprefix("{word[:2]}"))', (
        f"`strip` takes a set of characters and removes any of {word[0]!r} and {word[-1]!r} from "
        f"both ends, while `removeprefix` removes exactly the text {word[:2]!r} once."
    )


def format_number(rng: random.Random) -> tuple[str, str]:
    """Format specifications for numbers."""
    value, digits, width = (
        rng.randint(1000, 99999999) / 100,
        rng.choice((0, 1, 2)),
        rng.randint(12, 16),
    )
    whole = rng.randint(3, 250)
    kind = rng.randrange(4)
    if kind == 0:
        return f'print(f"{{{value}:,.{digits}f}}")', (
            f"The comma asks for thousands separators, and `.{digits}f` for fixed point with "
            f"{digits} decimals."
        )
    if kind == 1:
        return f'print(f"[{{{value}:>{width}.{digits}f}}]")', (
            f"`>{width}` right-aligns in {width} characters, and `.{digits}f` rounds to {digits} "
            "decimals. The brackets show the padding."
        )
    if kind == 2:
        return f'print(f"{{{whole}:08b}} {{{whole}:x}}")', (
            "`08b` writes the number in binary, padded with zeros to eight digits; `x` writes it in "
            "hexadecimal."
        )
    share = rng.randint(101, 989) / 1000
    return f'print(f"{{{share}:.{digits}%}}")', (
        f"The `%` format multiplies by 100 and appends a percent sign; `.{digits}` gives the "
        "number of decimals."
    )


def format_text(rng: random.Random) -> tuple[str, str]:
    """Alignment and repr in f-strings."""
    word, width = rng.choice(WORDS), rng.randint(10, 15)
    sign, side = rng.choice((("^", "centres"), ("<", "left-aligns"), (">", "right-aligns")))
    fill = rng.choice(".*-=_~")
    return f'word = "{word}"\nprint(f"{{word:{fill}{sign}{width}}}")', (
        f"`{sign}` {side} the word in a field of {width} characters, and the rest, "
        f"{width - len(word)} characters, is filled with {fill!r}."
    )


def truthiness(rng: random.Random) -> tuple[str, str]:
    """Or and and return operands."""
    word, number = rng.choice(WORDS), rng.randint(2, 99)
    kind = rng.randrange(3)
    if kind == 0:
        return f'print("" or "{word}", {number} and 0, [] or None)', (
            "`or` returns its first true operand, or the last one; `and` its first false operand, or "
            "the last one. Empty texts, empty lists and 0 are false."
        )
    if kind == 1:
        return f"print([v for v in ({number}, 0, '', '{word}', None, [0]) if v])", (
            "The condition drops what counts as false: 0, the empty text and None. `[0]` is a list "
            "with one item and therefore true."
        )
    return (
        f"print(True + {number}, sum(v > {number} for v in ({number - 1}, {number + 1}, {number + 5})))",
        (
            "bool is a subclass of int with True as 1. So comparisons can be summed, which counts how "
            f"many values are above {number}."
        ),
    )


def bytes_and_text(rng: random.Random) -> tuple[str, str]:
    """Encoding to bytes."""
    word = rng.choice(("café", "naïve", "über", "señor", "crème", "façade", "jalapeño", "smörgås"))
    times = rng.randint(1, 4)
    other = sum(ord(c) > 127 for c in word)
    return f'text = "{word}" * {times}\nprint(len(text), len(text.encode("utf-8")))', (
        f"The text has {len(word) * times} characters. In UTF-8 each accented letter takes two bytes, "
        f"and there are {other * times} of them, so there are that many bytes more."
    )


def byte_values(rng: random.Random) -> tuple[str, str]:
    """Indexing bytes."""
    word = rng.choice(WORDS)
    at = rng.randrange(len(word))
    return f'data = b"{word}"\nprint(data[{at}], data[{at}:{at + 1}])', (
        f"An index into bytes gives a number, the code of {word[at]!r}; a slice gives bytes again."
    )


def chained_comparison(rng: random.Random) -> tuple[str, str]:
    """Chained comparisons."""
    low, x, high = rng.randint(1, 40), rng.randint(1, 60), rng.randint(41, 80)
    return f"x = {x}\nprint({low} < x <= {high}, ({low} < x) <= {high})", (
        f"`{low} < x <= {high}` means `{low} < x and x <= {high}`. With brackets, the bool of the "
        f"first comparison is compared with {high}; as a number it is 0 or 1, so that part is True."
    )


def rounding(rng: random.Random) -> tuple[str, str]:
    """Round to even."""
    even = rng.randint(1, 30) * 2
    return f"print(round({even}.5), round({even + 1}.5), int(-{even}.9))", (
        f"`round` takes halves to the nearest even number, so both {even}.5 and {even + 1}.5 end at an "
        "even one. `int` just cuts the fraction off, towards zero."
    )


VALUES: tuple[Snippet, ...] = (
    list_slice, negative_slice, floor_division, divmod_unpack, format_number, format_text, rounding,
    string_methods, strip_set, bytes_and_text, byte_values, chained_comparison, truthiness,
)  # fmt: skip
"""On numbers and texts."""
