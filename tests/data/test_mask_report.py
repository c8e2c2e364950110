"""The mask page shows each token once, escaped, in the colour of its label."""

import re

from synthia.data import mask_report
from synthia.data.mask_report import MaskedRow

TEXT = "a<é>\n"
# The second and third token share a character, as bytes of one do.
ROW = MaskedRow("d.jsonl:1", TEXT, [5, 6, 7, 8, 9], [-100, 6, 7, 8, -100],
                [(0, 2), (2, 3), (2, 3), (3, 4), (4, 5)])  # fmt: skip


def test_tokens_are_coloured_by_their_labels() -> None:
    page = mask_report.page("smoke", "All rows.", [ROW], stop_ids=[8])
    assert re.findall(
        r'<span class="(\w+)" title="(\d): id (\d)">(.*?)</span>', page, re.DOTALL
    ) == [
        ("quiet", "0", "5", "a&lt;"),
        ("trained", "1", "6", "é"),
        ("trained", "2", "7", ""),
        ("stop", "3", "8", "&gt;"),
        ("quiet", "4", "9", "&#8629;\n"),
    ]
    assert "3 of 5 tokens" in page


def test_nothing_is_loaded_and_nothing_unescaped() -> None:
    row = MaskedRow("<x>", "<script>", [1], [1], [(0, 8)])
    page = mask_report.page("a&b", "<i>", [row], stop_ids=[])
    assert "<script" not in page
    assert "<x>" not in page
    assert "<i>" not in page
    assert "http" not in page
    assert "a&amp;b" in page


def test_twenty_rows_are_shown() -> None:
    assert mask_report.page("n", "s", [ROW] * 30, stop_ids=[]).count("<section>") == 20
