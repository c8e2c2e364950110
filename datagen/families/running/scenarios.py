"""Questions that are answered by running Python: on files, and on numbers the user gives.

The answer states what the code printed; where the result can be derived a second time, the scenario
compares.

Not covered: the code and the sentences (`datagen.families.running.tasks`,
`datagen.families.running.texts`).
"""

import json

from datagen.families.running import tasks
from datagen.families.running.texts import texts
from datagen.session import Session
from datagen.worlds.functions import PLACES


def maybe(session: Session, choices: tuple[str, ...], **words: str) -> str:
    """A sentence beside a call, or none."""
    return session.random.choice(choices).format(**words) if session.random.random() < 0.5 else ""


def begin(session: Session, request: str) -> None:
    """Perhaps a system prompt, then the request."""
    rng = session.random
    session.offer("run_python", others=rng.randint(0, 4))
    if rng.random() < 0.25:
        session.system(rng.choice(texts.system).format(project=rng.choice(PLACES.projects)))
    session.user(request)


def compute(session: Session, code: str, *, ends: bool | None = None) -> list[str]:
    """Run the code; a third of the rows end with that, and then the list is empty."""
    ends = session.random.random() < 0.35 if ends is None else ends
    saying = maybe(session, texts.compute)
    mark = session.random.choice((" | ", "; ", "\n", "\n"))
    code = code.replace('sep="|"', f"sep={json.dumps(mark)}")
    if ends:
        session.last_call("run_python", {"code": code}, saying=saying)
        return []
    result = session.call("run_python", {"code": code}, saying=saying)
    if "Traceback" in result or result == "(no output)":
        raise AssertionError(f"the code fails: {result}\n{code}")
    return result.split(mark)


def answer(session: Session, choices: tuple[str, ...], printed: list[str], **words: str) -> None:
    """State what was printed."""
    if printed:
        session.say(session.random.choice(choices).format(*printed, **words))


def peek(session: Session, file: str, chance: float = 0.7) -> None:
    """Perhaps look at the folder, and mostly at the first lines of a file."""
    rng = session.random
    if rng.random() < 0.15:
        session.call("list_directory", {"path": "."})
    if rng.random() < chance:
        saying = maybe(session, texts.peek, file=file)
        session.call(
            "read_file", {"path": file, "end_line": rng.choice((3, 4, 5, 6))}, saying=saying
        )


def ask_table(session: Session, kind: str) -> None:
    """A question about a table in a file; perhaps a second one."""
    rng = session.random
    stem, key, value, names = rng.choice(texts.domains)
    amounts = rng.sample(range(5, 480), rng.randint(9, 22))  # all different: no ties
    rows = [(rng.choice(names), amount) for amount in amounts]
    ending = {"semicolons": "csv", "log": "log"}.get(kind, kind)
    file = rng.choice(
        (f"{stem}.{ending}", f"data/{stem}.{ending}", f"{stem}_{rng.randint(2, 40)}.{ending}")
    )
    session.files({file: tasks.table(kind, key, value, rows)})
    name, limit = rng.choice(rows)[0], rng.randint(60, 400)
    words = {"file": file, "key": key, "value": value, "name": name, "limit": str(limit),
             "project": rng.choice(PLACES.projects)}  # fmt: skip
    questions = rng.sample(list(texts.problem), 2)
    asked = rng.choice(texts.problem[questions[0]])
    before, where = rng.choice(texts.before), rng.choice(texts.where)
    parts = [before, asked] if rng.random() < 0.5 else [asked, where]
    parts += [rng.choice(texts.after)] if rng.random() < 0.35 else []
    begin(session, " ".join(parts).format(**words))
    peek(session, file, 1.0 if kind != "log" else 0.85)
    load = rng.choice(tasks.programs.loaders[kind])
    more = rng.random() < 0.3
    for question in questions[: 2 if more else 1]:
        if question != questions[0]:
            follow = rng.choice(
                ("And now: {q}", "{q}", "Next: {q}", "One more question. {q}", "Also: {q}")
            )
            session.user(follow.format(q=rng.choice(texts.problem[question]).format(**words)))
        work = tasks.programs.work[question]
        code = tasks.fill(f"{load}\n{rng.choice(work.code)}", words)
        last = not more or question != questions[0]
        printed = compute(session, tasks.ordered(code), ends=None if last else False)
        check = tasks.expected(question, rows, name, limit)
        if printed and check and printed != check:
            raise AssertionError(f"{printed} is not {check}")
        answer(session, work.answers, printed, **words)


def ask_csv(session: Session) -> None:
    """A table with commas or semicolons."""
    ask_table(session, session.random.choice(("csv", "semicolons")))


def ask_json(session: Session) -> None:
    """A JSON file, or JSON lines."""
    ask_table(session, session.random.choice(("json", "jsonl")))


def ask_log(session: Session) -> None:
    """A log file."""
    ask_table(session, "log")


def calculate(session: Session) -> None:
    """Arithmetic that is better not done in the head."""
    requests, code, choices = session.random.choice(tasks.CALCULATIONS)(session.random)
    begin(session, session.random.choice(requests))
    answer(session, choices, compute(session, code))


def describe_numbers(session: Session) -> None:
    """Statistics of numbers in the message."""
    rng = session.random
    count = rng.randint(6, 12)
    numbers = [str(rng.randint(2, 300)) for _ in range(count)]
    if rng.random() < 0.4:
        numbers = [f"{rng.randint(10, 900) / 10}" for _ in range(count)]
    listed = ", ".join(numbers)
    begin(session, rng.choice(texts.numbers_ask).format(numbers=listed))
    code = (
        "from statistics import mean, median, stdev\n\n"
        f"values = [{listed}]\n"
        'print(f"{mean(values):.2f}", f"{median(values):g}", f"{stdev(values):.2f}", sep="|")'
    )
    printed = compute(session, code)
    if printed:
        mean, median, stdev = printed
        text = rng.choice(texts.numbers_say)
        session.say(text.format(mean=mean, median=median, stdev=stdev, count=count))


def count_words(session: Session) -> None:
    """Word statistics of a text file."""
    rng = session.random
    favourite = rng.choice(("harbor", "ferry", "gulls", "apples", "island", "captain", "market"))
    rest = [word for word in texts.prose if word != favourite]
    words = rng.sample(rest, rng.randint(14, 28)) + [favourite] * rng.randint(3, 6)
    words += rng.sample(rest, 8)
    rng.shuffle(words)
    lines = []
    while words:
        line, words = words[:7], words[7:]
        lines.append(" ".join(line).capitalize() + rng.choice((".", "", ",")))
    stem = rng.choice(("story", "notes", "draft", "chapter", "essay", "page", "letter", "report"))
    folder = rng.choice(("", "", "texts/", "docs/"))
    file = f"{folder}{stem}{rng.choice(('', '_'))}{rng.randint(1, 60)}.txt"
    session.files({file: "\n".join(lines) + "\n"})
    project = rng.choice(PLACES.projects)
    begin(session, rng.choice(texts.words_ask).format(file=file, project=project))
    peek(session, file, 0.5)
    code = (
        "import re\nfrom collections import Counter\nfrom pathlib import Path\n\n"
        f'words = re.findall(r"[a-z]+", Path("{file}").read_text().lower())\n'
        "[(word, count)] = Counter(words).most_common(1)\n"
        'print(len(words), word, count, sep="|")'
    )
    printed = compute(session, code)
    if printed:
        if printed[1] != favourite:
            raise AssertionError(f"{printed} instead of {favourite}")
        total, word, count = printed
        text = rng.choice(texts.words_say)
        session.say(text.format(file=file, total=total, word=word, count=count))


def find_gaps(session: Session) -> None:
    """Missing and repeated numbers in a list."""
    rng = session.random
    first = rng.randint(1, 900)
    last = first + rng.randint(18, 45)
    numbers = list(range(first, last + 1))
    gone = sorted(rng.sample(numbers[1:-1], rng.randint(0, 3)))
    numbers = [number for number in numbers if number not in gone]
    double = sorted(rng.sample(numbers, rng.randint(0 if gone else 1, 2)))
    numbers += double
    rng.shuffle(numbers)
    file = rng.choice(("ids.txt", "numbers.txt", "data/ids.txt", f"scan_{rng.randint(2, 60)}.txt",
                       "tickets.txt", "labels.txt", "lists/seen.txt"))  # fmt: skip
    session.files({file: "".join(f"{number}\n" for number in numbers)})
    words = {"file": file, "first": str(first), "last": str(last)}
    begin(session, rng.choice(texts.gaps_ask).format(**words))
    peek(session, file, 0.3)
    code = (
        "from collections import Counter\nfrom pathlib import Path\n\n"
        f'seen = Counter(int(line) for line in Path("{file}").read_text().split())\n'
        f"missing = [n for n in range({first}, {last} + 1) if not seen[n]]\n"
        "repeated = sorted(n for n, count in seen.items() if count > 1)\n"
        'print(missing, repeated, sep="|")'
    )
    printed = compute(session, code)
    if printed:
        if printed != [str(gone), str(double)]:
            raise AssertionError(f"{printed} is not {gone}, {double}")
        missing, repeated = (part.strip("[]") for part in printed)
        has = f"Missing: {missing}." if missing else f"No number from {first} to {last} is missing."
        twice = f"Repeated: {repeated}." if repeated else "None occurs more than once."
        session.say(rng.choice((f"{has} {twice}", f"{twice} {has}", f"In {file}: {has} {twice}")))


def join_files(session: Session) -> None:
    """Orders in one file, prices in another."""
    rng = session.random
    products = rng.sample(("bolt", "nut", "hinge", "lamp", "rope", "brush", "glue", "hook", "wire",
                           "tape", "screw", "valve"), rng.randint(4, 6))  # fmt: skip
    prices = {product: rng.randint(15, 990) for product in products}
    lines = [(rng.choice(products), rng.randint(1, 30)) for _ in range(rng.randint(6, 11))]
    orders = rng.choice(
        ("orders.csv", "data/orders.csv", "cart.csv", f"order_{rng.randint(10, 99)}.csv")
    )
    file = rng.choice(("prices.json", "data/prices.json", "pricelist.json", "catalogue.json"))
    text = "product,pieces\n" + "".join(f"{a},{b}\n" for a, b in lines)
    session.files({orders: text, file: json.dumps(prices, indent=2) + "\n"})
    words = {"orders": orders, "prices": file, "project": rng.choice(PLACES.projects)}
    begin(session, rng.choice(texts.join_ask).format(**words))
    session.offer("read_file")
    session.calls(
        [("read_file", {"path": orders}), ("read_file", {"path": file})],
        saying=maybe(session, texts.peek, file=orders),
    )
    code = (
        "import csv\nimport json\nfrom pathlib import Path\n\n"
        f'prices = json.loads(Path("{file}").read_text())\n'
        f'with open("{orders}", newline="") as file:\n'
        '    rows = [(row["product"], int(row["pieces"])) for row in csv.DictReader(file)]\n'
        "values = [(pieces * prices[product], product) for product, pieces in rows]\n"
        'print(sum(value for value, _ in values), *max(values), len(values), sep="|")'
    )
    printed = compute(session, code)
    if printed:
        total, largest, product, count = printed
        if int(total) != sum(prices[name] * pieces for name, pieces in lines):
            raise AssertionError(f"the total {total} is wrong")
        words |= {"total": total, "largest": largest, "product": product, "count": count}
        words["whole"] = f"{int(total) / 100:.2f}"
        session.say(rng.choice(texts.join_say).format(**words))


SCENARIOS = (
    ask_csv, calculate, ask_json, describe_numbers, ask_log, count_words, find_gaps, join_files,
)  # fmt: skip
