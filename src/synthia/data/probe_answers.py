"""What a probe takes for right besides its gold turn: other calls, and what an answer in words must say.

A probe may carry `also_right`, lists of calls that do what the gold calls do (the shipped ones were run to
see that), and, where no call is due, `answer_must` with one or more of

- `hold`: a list of facts, each a list of ways to put it of which the answer holds one. Case, punctuation,
  thousands' commas and numbers in words make no difference; words of a longer fact stand in its order;
- `ask`: words of which a question or request in the answer has one, or a longer one: "call" finds "called";
- `decline`: true where the answer has to say that it cannot be done.

Not covered: whether an answer says something false besides, and facts that can be put in many ways.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from synthia.data import tool_calls

DEMANDS = ("hold", "ask", "decline")
"""The keys of `answer_must`."""
TOKEN = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?|\d+(?:\.\d+)?|[^\W\d_]+")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
         "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
         "nineteen")  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
NUMBERS = {word: number for number, word in enumerate(UNITS)}
NUMBERS |= {word: 10 * number for number, word in enumerate(TENS, start=2)}
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
REQUEST = re.compile(
    r"\?|\bplease (?:tell|give|provide|specify|name|say|let|choose|share|clarify|confirm|send)\b"
    r"|\b(?:let me know|tell me|i need to know|could you|can you)\b"
)
DECLINES = re.compile(
    r"\b(?:cannot|can not|can't|couldn't|could not|unable to|not able to|no way (?:to|of)|not possible"
    r"|impossible|beyond (?:me|my|what)|(?:don't|do not) have (?:a|any|the|access)\b|have no|lack\b"
    r"|none of (?:my|the|these)(?: \w+)? tools|(?:there is|there's|there are|with) no tools?)"
)


def right(calls: Sequence[Mapping[str, Any]], probe: Mapping[str, Any]) -> bool:
    """Whether calls are a probe's gold ones or others that are right as well.

    `probe` is a record of prepare's: each call is {"name", "arguments"}.
    """
    wanted = [probe["gold"]["tool_calls"], *probe.get("also_right", [])]
    return any(tool_calls.same_calls(calls, each) for each in wanted)


def meets(text: str, must: Mapping[str, Any]) -> bool:
    """Whether an answer says what it must."""
    plain = text.casefold().replace("\u2019", "'")
    return (
        all(any(_holds(plain, way) for way in fact) for fact in must.get("hold", []))
        and ("ask" not in must or _asks(plain, must["ask"]))
        and (not must.get("decline") or DECLINES.search(plain) is not None)
    )


def demand_problems(must: Any) -> Iterator[str]:
    """What is wrong with the value of `answer_must`."""
    if not isinstance(must, dict) or not must or must.keys() - set(DEMANDS):
        yield f"is no JSON object with some of the keys {', '.join(DEMANDS)}"
        return
    facts = must.get("hold", [["a"]])
    if not isinstance(facts, list) or not facts or not all(map(_are_words, facts)):
        yield "hold is no list of facts, each a list of texts with a letter or digit"
    if not _are_words(must.get("ask", ["a"])):
        yield "ask is no list of words"
    if must.get("decline", True) is not True:
        yield "decline is not true"


def _are_words(value: Any) -> bool:
    """Whether a value is a list of texts that can be looked for."""
    known = isinstance(value, list) and bool(value)
    return known and all(isinstance(each, str) and TOKEN.search(each) for each in value)


def _holds(text: str, fact: str) -> bool:
    """Whether the fact's tokens follow each other in the text, other tokens than these left aside."""
    wanted = _tokens(fact.casefold())
    found = [token for token in _tokens(text) if token in wanted]
    size = len(wanted)
    return any(found[at : at + size] == wanted for at in range(len(found) - size + 1))


def _tokens(text: str) -> list[str]:
    """Words, and numbers in one form: 1,200 and 1200.0 are 1200, twenty-one is 21."""
    found: list[str] = []
    for token in TOKEN.findall(THOUSANDS.sub("", text)):
        if token in NUMBERS:
            tens = found and found[-1] in ("20", "30", "40", "50", "60", "70", "80", "90")
            if tens and 0 < NUMBERS[token] < 10:
                found[-1] = str(int(found[-1]) + NUMBERS[token])
            else:
                found.append(str(NUMBERS[token]))
        elif token[-1].isdigit():
            found.append(format(Decimal(token).normalize(), "f"))
        else:
            found.append(token)
    return found


def _asks(text: str, words: Sequence[str]) -> bool:
    """Whether a sentence of the text asks, and has a word that begins like one of these."""
    named = re.compile("|".join(rf"\b{re.escape(word.casefold())}" for word in words))
    return any(REQUEST.search(each) and named.search(each) for each in SENTENCE.split(text))
