"""Detect what is wrong with one answer, from its token ids where there are any and from its text.

- loops: the ids' tail has a period of at most 200 tokens. What a healthy text repeats (zeros in an array,
  empty cells) is shorter than `LOOP`.
- soft repetition: the tail's words are periodic once numbers count as equal, and the numbers count up:
  "Step 1: go. Step 2: go. ...". An answer that stopped by itself is no such loop: it was a list, and ended.
- garbage: broken, private or unassigned characters, ids that no text has, the padding token.
- leaked control tokens: ids of the tokenizer's special tokens; a text that quotes `<|im_end|>` has others.
- other scripts: words in a script that neither prompt nor gold answer has.
- premature stop: nothing was said, or a call or a fenced block is still open.
- faults of tool calls, by kind.

`benchmarks/detectors.py` counts false positives on healthy texts and what is found of injected faults.

Not covered: loops that change more than numbers from turn to turn, and whether an answer is right.
"""

import re
import unicodedata
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from synthia.data import tool_calls

LONGEST = 200
"""The longest period, in symbols."""
LOOP, TURNS = 96, 3
"""A loop covers at least so many tokens and so many periods, ..."""
SHORT_LOOP, SHORT_TURNS, SHORT_SHARE = 20, 4, 1 / 2
"""... or so many of both and this share of the answer, as one reaches that says what gold says and then
loops up to four times its length. With these limits 0 of 10,000 healthy texts, cut anywhere, are loops."""
SOFT_LOOP, SOFT_TURNS = 240, 6
"""A loop with a counter covers at least so many words and marks, and so many periods."""
WORD = re.compile(r"\d+|[^\W\d]+|\s+|[^\w\s]+")
CONTROL_TOKEN = re.compile(r"<\|[a-zA-Z_]+\|>|\[PAD\d*\]")
"""Control tokens in the spelling of ChatML and its relatives, and llama.cpp's unnamed padding."""
WITHOUT_SPACES = frozenset(
    {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR"}
)
"""Scripts of which one letter can be a word; of others two in a row are one."""
ALIKE = ("CJK", "HIRAGANA", "KATAKANA")
"""Who reads one of these expects the others: Japanese is written in all three."""
CALL_ERRORS = (
    ("stands outside", "mark"), ('exactly "name"', "form"), ("name is no string", "form"),
    ("other keys than", "form"), ("no <function=NAME>", "form"), ("something else", "form"),
    ("are no JSON object", "encoded twice"),
)  # fmt: skip
"""What is said of calls that cannot be read, by kind; all else is said of their JSON."""
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})([^`\n]*)$", re.MULTILINE)


@dataclass(frozen=True)
class Loop:
    """A tail that repeats."""

    period: int
    """In symbols: tokens, or words and marks."""
    covered: int
    """Symbols at the end that it explains."""


@dataclass(frozen=True)
class Tokens:
    """What ids mean, of a tokenizer.json."""

    count: int
    """Ids from this one on have no text."""
    control: frozenset[int]
    """Ids of special tokens."""
    pad: int

    @classmethod
    def of(cls, tokenizer: Mapping[str, Any], pad_token: str) -> "Tokens":
        """Read them from the content of a tokenizer.json."""
        added = tokenizer["added_tokens"]
        ids = [*tokenizer["model"]["vocab"].values(), *(token["id"] for token in added)]
        return cls(
            count=max(ids) + 1,
            control=frozenset(token["id"] for token in added if token["special"]),
            pad=next((token["id"] for token in added if token["content"] == pad_token), -1),
        )


def tail_loop(symbols: Sequence[Hashable], least: int = LOOP, turns: int = TURNS) -> Loop | None:
    """The shortest period of a sequence's tail that covers `least` symbols and `turns` periods."""
    end = len(symbols)
    for period in range(1, min(LONGEST, end // turns) + 1):
        index = end - 1
        while index >= period and symbols[index] == symbols[index - period]:
            index -= 1
        covered = end - 1 - index + period
        if covered >= max(least, turns * period):
            return Loop(period, covered)
    return None


def loop(symbols: Sequence[Hashable]) -> Loop | None:
    """The loop in which an answer's tokens, or its words and marks, end."""
    found = tail_loop(symbols)
    if found is None:
        share = int(SHORT_SHARE * len(symbols))
        found = tail_loop(symbols, max(SHORT_LOOP, share), SHORT_TURNS)
    return found


def words_of(text: str) -> list[str]:
    """A text's words, numbers, spaces and marks, but for the last one, which may be cut."""
    return WORD.findall(text)[:-1]


def counting_loop(text: str) -> Loop | None:
    """A tail that is periodic once numbers count as equal, and in which a number goes up or down evenly.

    The numbers in each place of the period must form a progression, as a loop's counter does and the
    numbers of tables and logs do not.
    """
    words = words_of(text)
    found = tail_loop([None if word.isdigit() else word for word in words], SOFT_LOOP, SOFT_TURNS)
    if found is None:
        return None
    # Its first period may begin in what was said before.
    tail = words[-(found.covered // found.period - 1) * found.period :]
    steps = []
    for place in range(found.period):
        column = tail[place :: found.period]
        if column[0].isdigit():
            numbers = [int(word) for word in column]
            steps.append({after - before for before, after in pairwise(numbers)})
    even = all(len(each) == 1 for each in steps)
    return found if even and any(each != {0} for each in steps) else None


def garbage(text: str, ids: Sequence[int], tokens: Tokens | None, *, stopped: bool = True,
            expected: Sequence[str] = ()) -> list[str]:  # fmt: skip
    """What no reader can use; characters that one of the `expected` texts has are left out.

    Where an answer was cut at its limit, a broken character at its very end is only half a character.
    """
    known = set().union(*expected) if expected else set()
    read = text if stopped else text.rstrip("\ufffd")
    found = [_name(c) for c in read if c not in known and not c.isascii() and _unusable(c)]
    if tokens is not None:
        found += [f"id {each}, which has no text" for each in ids if not 0 <= each < tokens.count]
        found += ["padding" for each in ids if each == tokens.pad]
    return found


def _unusable(character: str) -> bool:
    if character == "\ufffd":
        return True
    kind = unicodedata.category(character)
    # Pictographs of a later Unicode than this Python's are no garbage: these blocks are theirs.
    return kind in ("Co", "Cs") or (kind == "Cn" and not 0x1F000 <= ord(character) <= 0x1FAFF)


def _name(character: str) -> str:
    return f"U+{ord(character):04X}"


def leaked(
    text: str, ids: Sequence[int], tokens: Tokens | None, expected: Sequence[str] = ()
) -> list[str]:
    """Control tokens in an answer: by their ids, or without ids by their spelling."""
    if tokens is not None:
        return [f"id {each}" for each in ids if each in tokens.control and each != tokens.pad]
    return [
        each for each in CONTROL_TOKEN.findall(text) if not any(each in other for other in expected)
    ]


def foreign_words(text: str, *expected: str) -> list[str]:
    """Words of an answer in a script that occurs in none of the expected texts."""
    known = {_script(c) for other in expected for c in other if not c.isascii() and c.isalpha()}
    if known & set(ALIKE):
        known |= set(ALIKE)
    found, word, script = [], "", ""
    for character in [*text, " "]:
        mine = "" if character.isascii() or not character.isalpha() else _script(character)
        if mine != script:
            if script and script not in known and (len(word) > 1 or script in WITHOUT_SPACES):
                found.append(word)
            word, script = "", mine
        word += character if mine else ""
    return found


def _script(character: str) -> str:
    """The first word of a letter's name; none for Latin and for letters that serve as signs."""
    script = unicodedata.name(character, "UNNAMED").split()[0].split("-")[0]
    signs = ("LATIN", "MICRO", "FEMININE", "MASCULINE", "MODIFIER", "SUPERSCRIPT", "DOUBLE",
             "SCRIPT", "BLACK", "MATHEMATICAL", "FULLWIDTH", "OHM", "ANGSTROM", "KELVIN", "UNNAMED",
             "PLANCK", "EULER", "ALEF", "COMBINING", "SQUARED")  # fmt: skip
    return "" if script in signs else script


def premature_stop(text: str) -> str:
    """Why an answer that stopped is not whole, or ""."""
    if not text.strip():
        return "nothing was said"
    if text.rfind("<tool_call>\n") > text.rfind("</tool_call>"):
        return "a tool call is open"
    opened = ""
    for fence in FENCE.finditer(text):
        mark, said = fence.groups()
        if not opened:
            opened = "" if _underlines(text, fence) else mark
        elif mark[0] == opened[0] and len(mark) >= len(opened) and not said.strip():
            opened = ""
    return "a fenced block is open" if opened else ""


def _underlines(text: str, fence: re.Match[str]) -> bool:
    """Whether a line of tildes underlines a heading of reStructuredText, which is no longer than it."""
    heading = text[: fence.start()].removesuffix("\n").rpartition("\n")[2].rstrip()
    return fence[0].startswith("~") and not fence[2] and 0 < len(heading) <= len(fence[1])


def call_faults(
    calls: Sequence[Mapping[str, Any]], errors: Sequence[str], tools: Sequence[Mapping[str, Any]]
) -> list[str]:
    """The faults of an answer's tool calls by kind, from those that were read and why others were not.

    "mark" (a tag outside a whole block), "json", "form" (not exactly name and arguments), "encoded twice"
    (arguments as text, or no object), "tool" (not declared), "schema".
    """
    found = [
        next((kind for words, kind in CALL_ERRORS if words in error), "json") for error in errors
    ]
    declared = {tool["function"]["name"] for tool in tools}
    for call in calls:
        if call["name"] not in declared:
            found.append("tool")
        elif not isinstance(call["arguments"], Mapping):
            continue  # why not is among the errors
        elif tool_calls.problems([call], tools):
            found.append("schema")
    return found


def faults(text: str, ids: Sequence[int], tokens: Tokens | None, *, stopped: bool,
           prompt: str = "", gold: str = "") -> dict[str, str]:  # fmt: skip
    """Everything but tool calls and scripts that is wrong with an answer: evidence by kind.

    `ids` are without the stop token; empty where there are none, as of a server's answer.
    """
    repeated = loop(ids or words_of(text))
    if repeated and gold and loop(words_of(gold)):
        repeated = None
    counting = None if stopped or repeated else counting_loop(text)
    if counting and gold and counting_loop(gold):
        counting = None
    unreadable = garbage(text, ids, tokens, stopped=stopped, expected=[prompt, gold])
    found = {
        "loops": f"period {repeated.period}, {repeated.covered} tokens" if repeated else "",
        "soft loops": f"period {counting.period}, {counting.covered} words" if counting else "",
        "garbage": ", ".join(unreadable[:5]),
        # Not those of the prompt: as a text it holds the template's own.
        "leaked": ", ".join(leaked(text, ids, tokens, [gold])[:5]),
        "premature": premature_stop(text) if stopped else "",
    }
    return {kind: evidence for kind, evidence in found.items() if evidence}
