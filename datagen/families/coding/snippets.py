"""Snippets of Python with values drawn at random, each with the reason for what it prints.

Not covered: running them (`datagen.families.coding` does, for every row).
"""

import random
from collections.abc import Callable

Snippet = Callable[[random.Random], tuple[str, str]]
WORDS = (
    "maple", "river", "copper", "lantern", "basket", "thunder", "velvet", "saffron", "harbor",
    "pebble", "marble", "orchid", "falcon", "ginger", "walnut", "canyon", "timber", "meadow",
    "violet", "pepper", "anchor", "bridge", "candle", "dragon", "ember", "forest", "glacier",
    "hazel", "island", "jasmine", "kettle", "lemon", "magnet", "needle", "olive", "parrot",
)  # fmt: skip
NAMES = ("data", "values", "items", "numbers", "xs", "nums", "row", "series")
PEOPLE = ("Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ivo", "Jun", "Kai", "Lea")


def _numbers(rng: random.Random, count: int, low: int = 1, high: int = 60) -> list[int]:
    return rng.sample(range(low, high), count)


def list_slice(rng: random.Random) -> tuple[str, str]:
    """A slice with start, stop and step."""
    name, values = rng.choice(NAMES), _numbers(rng, rng.randint(6, 9))
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


def dict_update(rng: random.Random) -> tuple[str, str]:
    """Merging dicts."""
    a, b, c = rng.sample(WORDS, 3)
    x, y, z, w = _numbers(rng, 4)
    return (
        f'left = {{"{a}": {x}, "{b}": {y}}}\nright = {{"{b}": {z}, "{c}": {w}}}\nprint(left | right)',
        f"`|` merges two dicts into a new one. For the key {b!r}, which is in both, the value of the "
        f"right operand wins ({z}), but the key keeps its place from the left one.",
    )


def dict_get(rng: random.Random) -> tuple[str, str]:
    """Counting with get."""
    word = rng.choice(("banana", "committee", "bookkeeper", "mississippi", "balloon", "coffee",
                       "tattoo", "pepper", "assess", "referee", "giggle", "puppet"))  # fmt: skip
    letter = rng.choice(sorted({c for c in word if word.count(c) > 1}))
    return (
        f'counts = {{}}\nfor letter in "{word}":\n    counts[letter] = counts.get(letter, 0) + 1\n'
        f'print(counts["{letter}"], len(counts))',
        f"The loop counts the letters: {letter!r} occurs {word.count(letter)} times, and there are "
        f"{len(set(word))} different letters in all.",
    )


def set_operations(rng: random.Random) -> tuple[str, str]:
    """Union, intersection, difference."""
    pool = _numbers(rng, 6, 1, 20)
    a, b = sorted(pool[:4]), sorted(pool[2:])
    sign, meaning = rng.choice((
        ("&", "in both sets"), ("-", "in the first set but not in the second"),
        ("^", "in exactly one of the two sets"), ("|", "in at least one of the sets"),
    ))  # fmt: skip
    return (
        f"a = {{{', '.join(map(str, a))}}}\nb = {{{', '.join(map(str, b))}}}\nprint(sorted(a {sign} b))",
        f"`a {sign} b` holds the values that are {meaning}; `sorted` turns them into an ordered list.",
    )


def sort_by_key(rng: random.Random) -> tuple[str, str]:
    """Sorting with a key."""
    words = rng.sample(WORDS, 4)
    key, meaning = rng.choice((
        ("len", "by length, and words of equal length keep their order because the sort is stable"),
        ("lambda w: w[-1]", "by the last letter; equal ones keep their order"),
        ("lambda w: (len(w), w)", "by length first and alphabetically within a length"),
        ("lambda w: w[1:]", "by what follows the first letter"),
    ))  # fmt: skip
    return f"words = {words}\nprint(sorted(words, key={key}))".replace("'", '"'), (
        f"The key function decides the order: here {meaning}."
    )


def sort_pairs(rng: random.Random) -> tuple[str, str]:
    """Sorting pairs in descending order."""
    people, scores = rng.sample(PEOPLE, 3), _numbers(rng, 3, 10, 99)
    pairs = ", ".join(f'("{p}", {s})' for p, s in zip(people, scores, strict=True))
    best = people[scores.index(max(scores))]
    return (
        f"scores = [{pairs}]\nscores.sort(key=lambda pair: pair[1], reverse=True)\nprint(scores[0][0])",
        f"The list is sorted by the second part of each pair, largest first. The highest score is "
        f"{max(scores)}, so the first pair belongs to {best}.",
    )


def comprehension(rng: random.Random) -> tuple[str, str]:
    """A filtered comprehension."""
    end, divisor, power = rng.randint(10, 24), rng.choice((3, 4, 5)), rng.choice((2, 3))
    kept = [n for n in range(1, end) if n % divisor == 0]
    return f"print([n**{power} for n in range(1, {end}) if n % {divisor} == 0])", (
        f"`range(1, {end})` ends at {end - 1}. The condition keeps {', '.join(map(str, kept))}, and "
        f"each of them is raised to the power of {power}."
    )


def nested_comprehension(rng: random.Random) -> tuple[str, str]:
    """Two loops in one comprehension."""
    a, b = rng.randint(2, 4), rng.randint(5, 7)
    return f"print([(x, y) for x in range({a}) for y in range(x, {b}, 3)])", (
        "The loops nest from left to right: for each x, y runs from x in steps of 3 and stays "
        f"below {b}."
    )


def dict_comprehension(rng: random.Random) -> tuple[str, str]:
    """A dict from words."""
    words = rng.sample(WORDS, 4)
    return f"words = {words}\nprint({{w[0]: len(w) for w in words}})".replace("'", '"'), (
        "The comprehension maps each first letter to the length of its word. If a letter occurred "
        "twice, the later word would win."
        if len({w[0] for w in words}) == 4
        else "The comprehension maps each first letter to the length of its word. A letter that "
        "occurs twice keeps its first place but gets the length of the later word."
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


def star_unpacking(rng: random.Random) -> tuple[str, str]:
    """Extended unpacking."""
    values = _numbers(rng, rng.randint(4, 6))
    kind = rng.randrange(3)
    target, shown = (
        ("first, *rest", "rest"),
        ("*rest, last", "rest"),
        ("a, *middle, z", "middle"),
    )[kind]
    where = ("after the first", "before the last", "between the first and the last")[kind]
    return f"{target} = {values}\nprint({shown})", (
        f"The starred name takes all values {where}, always as a list."
    )


def zip_lists(rng: random.Random) -> tuple[str, str]:
    """Zip stops at the shorter one."""
    letters, values = rng.sample("abcdefghkmnprst", rng.randint(2, 3)), _numbers(rng, 4)
    return f'print(dict(zip("{"".join(letters)}", {values})))', (
        f"`zip` pairs letters and numbers and stops at the shorter input, so only the first "
        f"{len(letters)} numbers are used."
    )


def enumerate_start(rng: random.Random) -> tuple[str, str]:
    """Enumerate with a start."""
    words, start = rng.sample(WORDS, 3), rng.randint(2, 9)
    code = (
        f"for number, word in enumerate({words}, start={start}):\n"
        '    print(number, word, sep=":", end=" ")'
    )
    return code.replace("'", '"'), (
        f"`enumerate` counts from {start} because of `start`, `sep` puts a colon between number and "
        "word, and `end` keeps everything on one line."
    )


def any_all(rng: random.Random) -> tuple[str, str]:
    """Any and all."""
    values, limit = _numbers(rng, 4), rng.randint(15, 45)
    above = [v for v in values if v > limit]
    return (
        f"values = {values}\nprint(any(v > {limit} for v in values), all(v > {limit} for v in values))",
        (
            f"Of the four values {len(above)} {'is' if len(above) == 1 else 'are'} above {limit}. `any` "
            "needs at least one, `all` needs every one."
        ),
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


def aliasing(rng: random.Random) -> tuple[str, str]:
    """Two names for one list, and a copy."""
    values, more = _numbers(rng, 3), rng.randint(61, 99)
    return f"a = {values}\nb = a\nc = a[:]\nb.append({more})\nprint(a, len(c))", (
        f"`b = a` makes a second name for the same list, so the append is visible in a. `a[:]` is a "
        f"copy, and c still has {len(values)} items."
    )


def repeated_rows(rng: random.Random) -> tuple[str, str]:
    """Rows that are the same list."""
    rows, columns, mark = rng.randint(2, 3), rng.randint(2, 3), rng.randint(4, 99)
    at = rng.randrange(columns)
    return f"grid = [[0] * {columns}] * {rows}\ngrid[0][{at}] = {mark}\nprint(grid)", (
        f"`* {rows}` repeats a reference to one inner list, so all rows change together. "
        f"`[[0] * {columns} for _ in range({rows})]` makes separate rows."
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


def counter_common(rng: random.Random) -> tuple[str, str]:
    """The most common item."""
    a, b, c = rng.sample(WORDS, 3)
    items = [a] * rng.randint(3, 4) + [b] * 2 + [c]
    rng.shuffle(items)
    code = (
        f"from collections import Counter\n\nwords = {items}\nprint(Counter(words).most_common(2))"
    )
    return code.replace("'", '"'), (
        f"`Counter` counts the words and `most_common(2)` returns the two most frequent as pairs: {a!r} "
        f"occurs {items.count(a)} times and {b!r} twice."
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


VALUES: tuple[Snippet, ...] = (
    list_slice, negative_slice, floor_division, divmod_unpack, format_number, format_text, rounding,
    string_methods, strip_set, bytes_and_text, byte_values, chained_comparison, truthiness,
)  # fmt: skip
"""On numbers and texts."""
COLLECTIONS: tuple[Snippet, ...] = (
    sort_by_key, sort_pairs, comprehension, zip_lists, nested_comprehension, star_unpacking,
    aliasing, repeated_rows,
)  # fmt: skip
"""On lists."""
MAPPINGS: tuple[Snippet, ...] = (
    dict_update, dict_get, set_operations, dict_comprehension, enumerate_start, any_all,
    counter_common,
)  # fmt: skip
"""On dicts, sets and loops over them."""
CONTROL: tuple[Snippet, ...] = (
    late_closure, counter_closure, mutable_default, generator, generator_function, recursion,
    exception_flow, while_steps, recursion,
)  # fmt: skip
"""On functions, generators and loops."""
