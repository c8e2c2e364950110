"""Snippets on lists, dicts and sets, each with the reason for what it prints.

Not covered: what a snippet prints; that is found out by running it.
"""

import random

from datagen.families.coding.drawn_values import PEOPLE, WORDS, Snippet, some_numbers


def dict_update(rng: random.Random) -> tuple[str, str]:
    """Merging dicts."""
    a, b, c = rng.sample(WORDS, 3)
    x, y, z, w = some_numbers(rng, 4)
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
    pool = some_numbers(rng, 6, 1, 20)
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
    people, scores = rng.sample(PEOPLE, 3), some_numbers(rng, 3, 10, 99)
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


def star_unpacking(rng: random.Random) -> tuple[str, str]:
    """Extended unpacking."""
    values = some_numbers(rng, rng.randint(4, 6))
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
    letters, values = rng.sample("abcdefghkmnprst", rng.randint(2, 3)), some_numbers(rng, 4)
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
    values, limit = some_numbers(rng, 4), rng.randint(15, 45)
    above = [v for v in values if v > limit]
    return (
        f"values = {values}\nprint(any(v > {limit} for v in values), all(v > {limit} for v in values))",
        (
            f"Of the four values {len(above)} {'is' if len(above) == 1 else 'are'} above {limit}. `any` "
            "needs at least one, `all` needs every one."
        ),
    )


def aliasing(rng: random.Random) -> tuple[str, str]:
    """Two names for one list, and a copy."""
    values, more = some_numbers(rng, 3), rng.randint(61, 99)
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
