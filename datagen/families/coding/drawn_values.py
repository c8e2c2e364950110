"""What snippets of Python are made of: words, names, numbers.

Not covered: the snippets (`snippets_of_values`, `snippets_of_collections`, `snippets_of_programs`).
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


def some_numbers(rng: random.Random, count: int, low: int = 1, high: int = 60) -> list[int]:
    """So many different numbers."""
    return rng.sample(range(low, high), count)
