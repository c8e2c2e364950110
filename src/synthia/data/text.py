"""Characters that must not stand in training text: control tokens, invisible characters, secrets.

One search over a row's JSON decides whether anything is wrong; only then is every text walked
through to name the place.

Not covered: personal data, and secrets in a form that has no known pattern. Of detect-secrets, the
patterns of known token formats are used; its entropy and keyword detectors take hashes and names of
variables for secrets, and public addresses are none.
"""

import base64
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from synthia.data.rules import ORIGIN, TEXT, Problem

CONTROL_TOKENS = r"<\|\w+\|>|</?tool_call>|</?tool_response>|</?tools>"
INVISIBLE = {
    "\x00": "NUL",
    "\r": "a carriage return",
    "\ufeff": "a byte order mark",
    "\ufffd": "U+FFFD, which a failed decoding left",
}
INVISIBLE_RANGES = "\u202a-\u202e\u2060-\u2069\ud800-\udfff"
SOMETIMES = re.compile("[\u061c\u180e\u200b-\u200f]")
"""Characters that some scripts need and others do not."""
JOINING = (
    "\u0600-\u08ff\ufb50-\ufdff\ufe70-\ufefe"  # Arabic, Syriac, Thaana, N'Ko, Mandaic
    "\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1900-\u1cff\ua840-\ua9ff\uaa60-\uaadf"
    "\U00010a00-\U00010aff\U00011000-\U00011fff"  # India, Tibet, Burma, Cambodia, Mongolia, and older
)
"""Scripts whose spelling needs U+200C and U+200D (Unicode 15, chapters 9, 12, 13 and 16)."""
EMOJI = "\u00a9\u00ae\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
EMOJI_ENDS = f"{EMOJI}\ufe0f\u20e3\U000e0020-\U000e007f"
"""Emoji, and what may follow one before U+200D joins it to the next (UTS 51, ED-16)."""
JOINERS = (
    f"(?<![{JOINING}])\u200c|(?<![{JOINING}{EMOJI_ENDS}])\u200d"
    f"|(?<=[{EMOJI_ENDS}])\u200d(?![{EMOJI}])"
)
"""The joiners anywhere else."""
SPACES = (
    "(?<![\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaadf])\u200b"
    "(?![\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaadf])|(?<![\u1800-\u18af])\u180e"
)
"""A space without width, but beside Thai, Lao, Burmese and Khmer, which it parts into words (Unicode 15,
chapter 16); Mongolian's vowel separator, but behind its letters (chapter 13)."""
MARKS = "\u061c\u200e\u200f"
RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001eeff]"
)
"""Scripts in whose texts marks of direction order neutral characters (UAX 9, 2.6)."""
RECENT_SECRETS = {
    "Hugging Face Token": r"\bhf_[A-Za-z0-9]{30,}",
    "API Key": r"\bsk-[A-Za-z0-9_-]{20,}",
    "GitHub Token (fine-grained)": r"\bgithub_pat_\w{22,}",
    "Slack Token (short)": r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    "Private Key (any)": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
}
"""Formats that detect-secrets 1.5.0 does not know, or knows in part."""
LONG_WORD = re.compile(r"[\w+/=.-]{11,}")
DIGIT_OR_LONG_PART = re.compile(r"\d|[^/.]{20}|.{40}")
"""Of words with neither, paths and dotted names are the most."""
BASIC_AUTH = re.compile(r"://[^/\s:@\"]*:[^/\s:@\"]*@")
SURELY_LOOK_AT = ("PRIVATE KEY", "_authToken", "AccountKey", "xox", "eyJ")
ALWAYS_UNSEEN = re.compile(f"[{''.join(INVISIBLE)}{INVISIBLE_RANGES}]")
UNSEEN = re.compile(f"{ALWAYS_UNSEEN.pattern}|{JOINERS}|{SPACES}|[{MARKS}]")
PLACEHOLDER = re.compile(
    r"example|placeholder|your[_-]?|change_?me|dummy|redacted|x{4}|\*{3}|\.{3}|[<{$%]|0123456789|1234567890"
    r"|Eby8vdM02x",
    re.IGNORECASE,
)
"""What stands in a credential that is none. The last begins the one key of Azure's emulator."""
NO_KEY = re.compile(
    r"(?:\s|\\n)*(?:\.{3}|\u2026|[<\[{$%*\"'`)]|x{4}|your|redacted|-----END)", re.IGNORECASE
)
"""What follows the first line of a private key where no key follows."""
JWT = re.compile(r"eyJ[\w-]+\.([\w-]+)")
LOCAL = re.compile(
    r"(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[?::1\]?|10(?:\.\d+){3}|192\.168(?:\.\d+){2}"
    r"|[\w-]+|(?:[\w-]+\.)*(?:example(?:\.\w+)?|test|local|localhost|internal|invalid))(?![\w.-])",
    re.IGNORECASE,
)
"""Hosts that nobody reaches from elsewhere: this machine, private networks, names without a dot, and those
that RFC 2606 and RFC 6762 keep for examples and for local use."""
COMMON_PASSWORDS = (
    "pass", "passwd", "password", "passphrase", "pwd", "secret", "admin", "root", "user",
    "username", "guest", "test", "postgres", "mysql", "mongo", "redis", "rabbitmq", "token",
    "pw", "p", "foo", "bar",
)  # fmt: skip
"""Words that stand where a password would."""
API_KEY = "API Key"
KEY_PART = re.compile(r"(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}")
"""What an API key holds and a word of CSS does not: a long run of letters with a digit."""


@lru_cache(maxsize=8)
def _control_pattern(tokens: tuple[str, ...]) -> tuple[str, re.Pattern[str]]:
    """The characters that control tokens begin with, and a pattern of the tokens."""
    first = "".join(sorted({"<", *(token[0] for token in tokens)}))
    return first, re.compile("|".join([CONTROL_TOKENS, *map(re.escape, tokens)]))


def problems(row: Mapping[str, Any], control_tokens: Collection[str] = ()) -> list[Problem]:
    """Check all texts of a row; `control_tokens` are the tokenizer's, besides the usual ones."""
    tokens = tuple(sorted(filter(None, control_tokens)))
    found = list(_leading_space(row))
    # Where a row comes from does not reach the model, and a digest looks like a secret.
    shown = {key: value for key, value in row.items() if key not in (*ORIGIN, "tools")}
    whole = json.dumps(shown, ensure_ascii=False)
    if _suspect(whole, *_control_pattern(tokens)):
        found += _inside(shown, tokens)
    for index, tool in enumerate(row.get("tools", ())):
        for each in _in_tool(json.dumps(tool), tokens):
            found.append(replace(each, field=f"tools[{index}].{each.field}"))
    return found


@lru_cache(maxsize=4096)
def _in_tool(tool: str, tokens: tuple[str, ...]) -> tuple[Problem, ...]:
    """What is wrong with the texts of a tool: rows share their tools, so each is looked at once."""
    return tuple(_inside(json.loads(tool), tokens))


def _inside(value: Any, tokens: tuple[str, ...]) -> Iterator[Problem]:
    first, control = _control_pattern(tokens)
    for place, text in _texts(value, ""):
        if _suspect(text, first, control):
            yield from _control_tokens(place, text, control)
            yield from _unseen(place, text)
            yield from _secrets(place, text)


def _suspect(text: str, first: str, control: re.Pattern[str]) -> bool:
    """A cheap first look, at a text or at the JSON of many. It may suspect too much, never too little."""
    return (
        (not text.isascii() and _unseen_in(text))
        # In JSON, NUL and carriage return are escaped.
        or any(mark in text for mark in ("\0", "\r", "\\u0000", "\\r"))
        or (any(mark in text for mark in first) and control.search(text) is not None)
        or _perhaps_secret(text)
    )


def _unseen_in(text: str) -> bool:
    wanted = UNSEEN if SOMETIMES.search(text) else ALWAYS_UNSEEN
    return wanted.search(text) is not None


def _perhaps_secret(text: str) -> bool:
    """Whether a pattern of a secret can match: all need a long word with a digit, or with a part of a
    token's length, or one of a few marks.
    """
    if any(mark in text for mark in SURELY_LOOK_AT):
        return True
    if "://" in text and BASIC_AUTH.search(text):
        return True
    return any(DIGIT_OR_LONG_PART.search(word) for word in LONG_WORD.findall(text))


def _leading_space(row: Mapping[str, Any]) -> Iterator[Problem]:
    messages = [*enumerate(row.get("messages", []))]
    turns = [(f"messages[{index}].content", turn) for index, turn in messages]
    turns += [("gold.content", row["gold"])] if "gold" in row else []
    for place, turn in turns:
        if turn["role"] == "assistant" and turn["content"][:1].isspace():
            yield Problem(
                TEXT, place,
                f"starts with {turn['content'][:1]!r}: it would melt with the newline before it "
                "into one token (271 in Qwen) that no prompt ends with: the model would be trained "
                "on other ids than it is served",
                "remove the white space at the start",
            )  # fmt: skip


def _control_tokens(place: str, text: str, control: re.Pattern[str]) -> Iterator[Problem]:
    for token in sorted(set(control.findall(text))):
        yield Problem(
            TEXT, place, f"has {token!r} typed in its text, which the tokenizer or the template "
            "takes for the real one",
            "describe the token in other words, or remove the row",
        )  # fmt: skip


def _unseen(place: str, text: str) -> Iterator[Problem]:
    first: dict[str, int] = {}
    directed = RIGHT_TO_LEFT.search(text) is not None
    for found in UNSEEN.finditer(text):
        if not (directed and found[0] in MARKS):
            first.setdefault(found[0], found.start())
    for character, position in sorted(first.items()):
        name = INVISIBLE.get(character, _kind(character))
        # What cannot be written as UTF-8 cannot be accepted either.
        rule = "" if "\ud800" <= character <= "\udfff" else "invisible character"
        yield Problem(
            TEXT, place, f"holds {name} at character {position + 1}",
            "remove it: nobody sees it, and the model learns it", rule=rule,
        )  # fmt: skip


def _kind(character: str) -> str:
    if "\ud800" <= character <= "\udfff":
        return f"half a character (lone surrogate \\u{ord(character):04x})"
    bidi = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    kind = "a bidirectional control" if character in bidi else "a zero-width character"
    return f"{kind} (U+{ord(character):04X})"


@lru_cache(maxsize=1)
def _secret_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.plugins.base import RegexBasedDetector
    from detect_secrets.plugins.ip_public import IPPublicDetector

    detectors: Mapping[str, Any] = get_mapping_from_secret_type_to_class()
    known = [
        (name, pattern)
        for name, detector in detectors.items()
        if issubclass(detector, RegexBasedDetector) and detector is not IPPublicDetector
        for pattern in detector().denylist
    ]
    return (*((name, re.compile(text)) for name, text in RECENT_SECRETS.items()), *known)


def _secrets(place: str, text: str) -> Iterator[Problem]:
    for said in secrets(text):
        yield Problem(
            TEXT, place, f"holds what looks like a secret ({said})",
            "revoke it and put an invented value there: a model can be made to recite it",
            rule="secret",
        )  # fmt: skip


def secrets(text: str) -> Iterator[str]:
    """Say of each place in a text that looks like a secret what kind it is, without showing it."""
    if not _perhaps_secret(text):
        return
    spans: list[tuple[int, int]] = []
    for name, pattern in _secret_patterns():
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in spans):
                continue  # the same place by another pattern
            spans.append(match.span())
            if not _harmless(name, match):
                yield f"{name}: {match[0].strip()[:4]}..., {len(match[0])} characters"


def _harmless(name: str, match: re.Match[str]) -> bool:
    """Whether what looks like a secret is a placeholder, or opens nothing but this machine."""
    if name == API_KEY and not KEY_PART.search(match[0]):
        return True
    if "PRIVATE KEY" in match[0] and NO_KEY.match(match.string, match.end()):
        return True
    if (token := JWT.match(match[0])) and "1234567890" in _payload(token[1]):
        return True  # the subject in everybody's examples
    if "://" in match[0] and "@" in match[0]:
        user, _, password = match[0].partition("://")[2].rstrip("@").partition(":")
        host = match.string[match.end() :]
        if password.casefold() in (*COMMON_PASSWORDS, user.casefold()) or LOCAL.match(host):
            return True
    return PLACEHOLDER.search(match[0]) is not None


def _payload(part: str) -> str:
    """What a part of a JSON Web Token says."""
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8", "replace")
    except ValueError:
        return ""


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """All texts inside a JSON value, keys included, with their places."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            inside = f"{place}.{key}" if place else str(key)
            yield inside, str(key)
            yield from _texts(inner, inside)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{place}[{index}]")
