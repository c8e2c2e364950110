"""What users and the assistant say in the family `coding`.

The words are in `datagen/tables/coding/texts.toml`, where their slots are told.

Not covered: questions with fixed answers (`datagen.families.coding.questions`).
"""

from datagen import table
from datagen.table import Table


class Texts(Table):
    """What users and the assistant say."""

    system: tuple[str, ...]
    ask_prints: tuple[str, ...]
    say_prints: tuple[str, ...]
    write: tuple[str, ...]
    give: tuple[str, ...]
    from_examples: tuple[str, ...]
    give_tested: tuple[str, ...]
    with_tests: tuple[str, ...]
    give_with_tests: tuple[str, ...]
    correct: tuple[str, ...]
    corrected: tuple[str, ...]
    predict: tuple[str, ...]
    predicted: tuple[str, ...]


texts = table.read(table.TABLES / "coding/texts.toml", Texts)
