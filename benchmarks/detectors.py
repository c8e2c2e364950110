"""False positives of the detectors on healthy text, and what they find of injected faults.

    python benchmarks/detectors.py [--texts 10000] [--injected 200] [--seed 3]

Healthy texts are made anew on the machine that runs it, from a seed: half of them slices of the Python
files of this interpreter's library and packages, the others of the files beside them and of their words.
Each is cut anywhere, as an answer at its limit is, and judged as if it had not stopped; its first half is
its prompt. Scripts are judged against a gold answer too, and a healthy answer is one; how often one trips
against its prompt alone is told apart. Ids are those of Qwen2's tokenizer.

The limits of the detectors were chosen on seeds 1 and 2; what is judged by default is another one.

Prints, for each kind of text and detector, how many texts it trips on; then the rates of what is found. The
exit code is 0 only if no healthy text trips one and every loop is found that repeats without change.

Not covered: texts that a model wrote.
"""

import argparse
import base64
import gettext
import json
import os
import random
import re
import sys
import sysconfig
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "src"))

from synthia.data import tool_calls, vocabulary  # noqa: E402
from synthia.host import environments  # noqa: E402
from synthia.stages import detectors  # noqa: E402

LONGEST = 6000
"""Characters of a healthy text; the shortest has 200."""
ENDINGS = {".py", ".json", ".js", ".css", ".mo", ".md", ".rst", ".txt", ".so", ".pyc"}
TOOL = {"type": "function", "function": {"name": "read_file", "parameters": {"type": "object"}}}
KINDS = ("loops", "soft loops", "garbage", "leaked", "other scripts", "premature", "calls")
ALONE = "other scripts, prompt alone"
LICENCE = (
    "Licensed under the Apache License, Version 2.0 (the \"License\"); you may not use this file\n"
    "except in compliance with the License. Unless required by applicable law or agreed to in\n"
    "writing, software distributed under the License is distributed on an \"AS IS\" BASIS, WITHOUT\n"
    "WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.\n"
)  # fmt: skip
Make = Callable[[random.Random], str]


class Sources:
    """Files of this interpreter by ending, and parts of them."""

    def __init__(self) -> None:
        roots = {sysconfig.get_paths()[key] for key in ("stdlib", "purelib", "platlib")}
        self.files: dict[str, list[str]] = {}
        for root in sorted(roots):
            for folder, _, names in os.walk(root):
                for name in names:
                    if (ending := os.path.splitext(name)[1].lower()) in ENDINGS:  # noqa: PTH122
                        self.files.setdefault(ending, []).append(f"{folder}/{name}")
        for found in self.files.values():
            found.sort()

    def text(self, rng: random.Random, *endings: str) -> str:
        """The text of any file with one of these endings, of 400 characters to 200,000."""
        sizes = [len(self.files.get(ending, [])) for ending in endings]
        while True:
            (ending,) = rng.choices(endings, sizes)
            path = Path(rng.choice(self.files[ending]))
            try:
                text = path.read_text(encoding="utf-8")
            except ValueError:
                continue
            if 400 <= len(text) <= 200_000:
                return text

    def data(self, rng: random.Random) -> bytes:
        """Up to 3,000 bytes out of a compiled file, no one of them more than 32 times in a row.

        Longer runs are cut: a text of zeros alone is a loop by every measure.
        """
        content = Path(rng.choice(self.files.get(".so") or self.files[".pyc"])).read_bytes()
        start = rng.randrange(max(1, len(content) - 3000))
        found = content[start : start + rng.randrange(300, 3000)]
        return re.sub(rb"(.)\1{32,}", lambda run: run[1] * 32, found, flags=re.DOTALL)


def slice_of(rng: random.Random, text: str) -> str:
    """A part of a text from the beginning of a line on, cut anywhere."""
    start = text.rfind("\n", 0, rng.randrange(max(1, len(text) - 300))) + 1
    return text[start : start + int(300 * (LONGEST / 300) ** rng.random())]


@cache
def healthy() -> dict[str, Make]:
    """How a text of each kind is made."""
    sources = Sources()
    seeded = random.Random("words")
    read = " ".join(sources.text(seeded, ".py") for _ in range(40))
    known = sorted({word for word in read.split() if word.isalpha()})
    han = [chr(c) for c in range(0x4E00, 0x9FA5) if _common(chr(c))]
    kana = [chr(c) for c in range(0x3041, 0x3094)] + [chr(c) for c in range(0x30A1, 0x30F4)]
    hangul = [chr(c) for c in range(0xAC00, 0xD7A3, 7)]
    pictures = [chr(c) for c in range(0x1F300, 0x1FAFF) if unicodedata.category(chr(c)) == "So"]
    pictures += ["👩‍💻", "👨‍👩‍👧", "🏳️‍🌈", "👍🏽", "🇫🇷", "1️⃣", "❤️"] * 30

    def words(rng: random.Random, count: int) -> list[str]:
        return rng.choices(known, k=count)

    def sentence(rng: random.Random, low: int = 4, high: int = 14) -> str:
        return " ".join(words(rng, rng.randrange(low, high)))

    def as_json(rng: random.Random) -> str:
        rows = [
            {"id": n, "name": sentence(rng, 1, 4), "active": rng.random() < 0.5,
             "score": rng.randrange(100) / 10, "tags": words(rng, rng.randrange(4)), "parent": None}
            for n in range(rng.randrange(3, 30))
        ]  # fmt: skip
        return json.dumps(rows, indent=rng.choice([None, 2, 4]))

    def table(rng: random.Random) -> str:
        columns = rng.randrange(2, 7)
        start, between, end = rng.choice(
            [("| ", " | ", " |"), ("", ",", ""), ("", "\t", ""), ("  ", "   ", "")]
        )
        rows = [
            [
                rng.choice([str(rng.randrange(1000)), "", "0", "yes", *words(rng, 2)])
                for _ in range(columns)
            ]
            for _ in range(rng.randrange(5, 60))
        ]
        lines = [start + between.join(cell.ljust(6) for cell in row) + end for row in rows]
        return "\n".join([lines[0], start + between.join(["------"] * columns) + end, *lines[1:]])

    def asian(rng: random.Random) -> str:
        marks = "\uff0c\u3002\u3001\uff01\uff1f\n"
        letters = rng.choice([han, han + kana * 20, hangul])
        return "".join(
            "".join(rng.choices(letters, k=rng.randrange(4, 20))) + rng.choice(marks)
            for _ in range(rng.randrange(20, 120))
        )

    def emoji(rng: random.Random) -> str:
        return " ".join(f"{sentence(rng, 1, 8)} {rng.choice(pictures)}"
                        for _ in range(rng.randrange(10, 60)))  # fmt: skip

    def base(rng: random.Random) -> str:
        data = rng.choice([sources.data(rng), rng.randbytes(1500)])
        encoded = [base64.b64encode(data), base64.encodebytes(data), base64.b85encode(data)]
        return rng.choice(encoded).decode()

    def minified(rng: random.Random) -> str:
        if rng.random() < 0.5 and (sources.files.get(".js") or sources.files.get(".css")):
            return " ".join(sources.text(rng, ".js", ".css").split())
        return json.dumps(json.loads(as_json(rng)), separators=(",", ":"))

    def log(rng: random.Random) -> str:
        stamp, lines = rng.randrange(1_700_000_000, 1_800_000_000), []
        for _ in range(rng.randrange(10, 80)):
            stamp += rng.choice([0, 1, 1, 2, 5, 60])
            level = rng.choice(["INFO", "INFO", "INFO", "DEBUG", "WARNING", "ERROR"])
            said = rng.choice([f"request {rng.randrange(9999)} done in {rng.randrange(500)} ms",
                               "health check ok", sentence(rng, 2, 8)])  # fmt: skip
            lines.append(f"{stamp} {level:7} worker-{rng.randrange(4)}: {said}")
        return "\n".join(lines)

    def listing(rng: random.Random) -> str:
        count = rng.randrange(20, 200)
        kind = rng.randrange(5)
        if kind == 0:
            return "\n".join(f"{n}. {sentence(rng, 1, 6)}" for n in range(1, count))
        if kind == 1:
            return "\n".join(
                f"- {Path(path).name}" for path in rng.sample(sources.files[".py"], count)
            )
        if kind == 2:
            return "[" + ", ".join(str(rng.randrange(256)) for _ in range(count)) + "]"
        if kind == 3:
            return "[" + ", ".join(str(rng.choice([0, 0, 0, 1])) for _ in range(count)) + "]"
        return ", ".join(words(rng, count))

    def hex_dump(rng: random.Random) -> str:
        data = sources.data(rng)
        return "\n".join(
            f"{n:08x}: {data[n : n + 16].hex(' ', 2):39}  "
            + "".join(chr(b) if 32 <= b < 127 else "." for b in data[n : n + 16])
            for n in range(0, len(data), 16)
        )

    def licences(rng: random.Random) -> str:
        mark = rng.choice(["# ", "// ", " * "])
        header = "".join(mark + line for line in LICENCE.splitlines(keepends=True))
        return "\n".join(
            f"{header}\n{slice_of(rng, sources.text(rng, '.py'))[: rng.randrange(60, 700)]}\n"
            for _ in range(rng.randrange(2, 9))
        )

    def catalogue(rng: random.Random) -> str:
        with Path(rng.choice(sources.files[".mo"])).open("rb") as file:
            said = [v for v in gettext.GNUTranslations(file)._catalog.values() if v]  # type: ignore[attr-defined]
        return "\n".join(map(str, rng.sample(said, min(len(said), 80))))

    makers: dict[str, Make] = {
        "code": lambda rng: sources.text(rng, ".py"), "JSON": as_json, "tables": table,
        "Chinese, Japanese, Korean": asian, "emoji": emoji, "base64": base, "minified": minified,
        "logs": log, "long lists": listing, "hex dumps": hex_dump, "licence headers": licences,
    }  # fmt: skip
    if sources.files.get(".json"):
        makers["JSON files"] = lambda rng: sources.text(rng, ".json")
    if sources.files.get(".mo"):
        makers["translations"] = catalogue
    if sources.files.get(".md") or sources.files.get(".rst") or sources.files.get(".txt"):
        makers["prose"] = lambda rng: sources.text(rng, ".md", ".rst", ".txt")
    return makers


def _common(character: str) -> bool:
    """Whether a Chinese character is one of GB 2312's first level, the 3,755 commonest."""
    try:
        return 0xB0 <= character.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return False


def texts(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Kind and text of `count` healthy texts: half of them code, the others evenly of all other kinds."""
    makers = healthy()
    others = [kind for kind in makers if kind != "code"]
    for number in range(count):
        kind = "code" if number % 2 else others[number // 2 % len(others)]
        rng = random.Random(f"{seed} {number}")
        text = ""
        while len(text) < 200:
            text = slice_of(rng, makers[kind](rng))
        yield kind, text


@cache
def tokenizer() -> tuple[Any, detectors.Tokens]:
    """Qwen2's tokenizer, which reads the names of control tokens in a text as plain text, and its ids."""
    from tokenizers import Tokenizer

    path = vocabulary.qwen2(PROJECT / "requirements", environments.cache_root())
    loaded = Tokenizer.from_file(str(path))
    loaded.encode_special_tokens = True
    content = json.loads(path.read_text(encoding="utf-8"))
    return loaded, detectors.Tokens.of(content, "<|endoftext|>")


def call_faults(text: str, tool: dict[str, Any]) -> list[str]:
    """The faults of the calls in a text, by kind."""
    read = tool_calls.parse(text)
    return detectors.call_faults(read.calls, read.errors, [tool])


def judge(
    text: str, ids: Sequence[int], tokens: detectors.Tokens, prompt: str, gold: str = ""
) -> dict[str, str]:
    """Evidence of every detector that trips on an answer, cut at its limit, to this prompt."""
    found = detectors.faults(text, ids, tokens, stopped=False, prompt=prompt)
    found["other scripts"] = ", ".join(detectors.foreign_words(text, prompt, gold)[:3])
    found["premature"] = detectors.premature_stop(text)
    found["calls"] = ", ".join(call_faults(text, TOOL))
    return {kind: evidence for kind, evidence in found.items() if evidence}


def false_positives(
    count: int, seed: int
) -> tuple[Counter[str], dict[str, Counter[str]], list[str]]:
    """Texts by kind, trips by detector and kind, and what tripped."""
    encode, tokens = tokenizer()
    made: Counter[str] = Counter()
    trips: dict[str, Counter[str]] = {kind: Counter() for kind in (*KINDS, ALONE)}
    shown = []
    for kind, text in texts(count, seed):
        made[kind] += 1
        # Half of a text is its prompt: what it is written in is known, as in a chat.
        prompt, answer = text[: len(text) // 2], text[len(text) // 2 :]
        ids = encode.encode(answer, add_special_tokens=False).ids
        trips[ALONE][kind] += bool(detectors.foreign_words(answer, prompt))
        for detector, evidence in judge(answer, ids, tokens, prompt, gold=answer).items():
            trips[detector][kind] += 1
            shown.append(f"{detector} on {kind}: {evidence}: ...{answer[-300:]!r}")
    return made, trips, shown


def injected(count: int, seed: int) -> dict[str, tuple[int, int]]:
    """Found and injected, by fault. Loops begin after a healthy text and run to the limit."""
    encode, tokens = tokenizer()
    source = (text for kind, text in texts(100_000, seed) if kind in ("code", "JSON", "prose"))
    results: dict[str, tuple[int, int]] = {}

    def note(fault: str, caught: bool) -> None:
        found, made = results.get(fault, (0, 0))
        results[fault] = (found + caught, made + 1)

    rng = random.Random(seed)
    for _ in range(count):
        text = next(source)[:1500]
        ids = encode.encode(text, add_special_tokens=False).ids
        for low, high in ((1, 8), (9, 32), (33, 100), (101, 200)):
            period = rng.randint(low, high)
            unit = (ids * 200)[:period]
            length = max(128, 4 * period) + rng.randrange(period)
            tail = (unit * length)[:length]
            found = detectors.loop([*ids, *tail])
            note(f"loops, period {low} to {high}", found is not None)
        line = " ".join(text.split()[:6]) or "Step"
        counted = "\n".join(f"{n}. {line}" for n in range(rng.randrange(50), 400))
        loop = text[:400] + "\n" + counted[: rng.randrange(1500, 4000)]
        note("loops with a counter", "soft loops" in judge(loop, [], tokens, "a prompt"))
        place = rng.randrange(len(text))
        for name, piece in (("U+FFFD", "\ufffd"), ("private use", "\ue000"), ("unassigned", "\u0378"),
                            ("a Chinese word", "文件"), ("a Russian word", "файл")):  # fmt: skip
            broken = text[:place] + piece + text[place:] + " end"
            kind = "other scripts" if "word" in name else "garbage"
            note(name, kind in judge(broken, ids, tokens, "a prompt"))
        at = rng.randrange(len(ids) + 1)
        for name, token, kind in (("padding", tokens.pad, "garbage"),
                                  ("an id without text", tokens.count + 7, "garbage"),
                                  ("a control token", 151644, "leaked")):  # fmt: skip
            note(name, kind in judge(text, [*ids[:at], token, *ids[at:]], tokens, "a prompt"))
        for name, answer in broken_calls(text[:40]).items():
            note(f"call: {name}", name in call_faults(answer, STRICT))
        fenced = f"Here it is:\n```python\n{text.replace('```', '')}"
        for name, answer in (("nothing said", " \n"), ("an open call", '<tool_call>\n{"name": "re'),
                             ("an open fence", fenced)):  # fmt: skip
            note(f"stopped with {name}", bool(detectors.premature_stop(answer)))
    return results


STRICT: dict[str, Any] = {
    "type": "function",
    "function": {"name": "read_file", "parameters": {
        "type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}},
}  # fmt: skip


def broken_calls(path: str) -> dict[str, str]:
    """A faulty answer for each kind of fault in a call."""
    call = {"name": "read_file", "arguments": {"path": path}}

    def block(value: Any) -> str:
        return f"<tool_call>\n{json.dumps(value, ensure_ascii=False)}\n</tool_call>"

    return {
        "mark": block(call).removesuffix("</tool_call>"),
        "json": block(call).replace("}}", "}"),
        "form": block({**call, "id": 1}),
        "encoded twice": block({**call, "arguments": json.dumps(call["arguments"])}),
        "tool": block({**call, "name": "rm"}),
        "schema": block({**call, "arguments": {"file": path}}),
    }


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--injected", type=int, default=200)
    parser.add_argument(
        "--seed", type=int, default=3, help="1 and 2 are what limits were chosen on"
    )
    arguments = parser.parse_args()
    made, trips, shown = false_positives(arguments.texts, arguments.seed)
    print(f"{'healthy text':28}{'texts':>7}" + "".join(f"{kind:>15}" for kind in KINDS))
    for kind in [*made, "all"]:
        count = made.total() if kind == "all" else made[kind]
        counts = (trips[d].total() if kind == "all" else trips[d][kind] for d in KINDS)
        print(f"{kind:28}{count:7}" + "".join(f"{number:15}" for number in counts))
    print(f"{ALONE}: {trips[ALONE].total()}", *shown, sep="\n")
    results = injected(arguments.injected, arguments.seed)
    print(f"\n{'injected fault':32}{'found':>7}{'of':>7}")
    for fault, (found, of) in results.items():
        print(f"{fault:32}{found:7}{of:7}")
    missed = [f for f, (found, of) in results.items() if found < of and f.startswith("loops, ")]
    return int(bool(shown or missed))


if __name__ == "__main__":
    sys.exit(main())
