"""Questions that are answered without any tool, although tools are offered.

What a snippet prints, and whether a function passes its asserts, is found out by running it when
the row is made; the conversation shows the answer only.

Not covered: the questions (`questions`) and snippets (`snippets_of_*`), functions
(`datagen.worlds.functions`), and the wording (`texts`).
"""

from collections.abc import Sequence

from datagen.families.coding.drawn_values import Snippet
from datagen.families.coding.questions import Question, questions
from datagen.families.coding.snippets_of_collections import COLLECTIONS, MAPPINGS
from datagen.families.coding.snippets_of_programs import CONTROL
from datagen.families.coding.snippets_of_values import VALUES
from datagen.families.coding.texts import texts
from datagen.families.fixing.project import Example, python
from datagen.phrasing import choice
from datagen.session import Session
from datagen.worlds import functions
from datagen.worlds.functions import FUNCTIONS, PLACES, Drawn

PLAIN = 0.25
"""The share of chats without any tool or system prompt."""


def begin(session: Session, request: str) -> None:
    """Tools are offered, perhaps there is a system prompt, and the user asks.

    In some rows there is neither: a plain chat, as local clients begin it.
    """
    rng = session.random
    if rng.random() < PLAIN:
        session.user(request)
        return
    session.offer(others=rng.randint(2, 5))
    if rng.random() < 0.25:
        session.system(rng.choice(texts.system).format(project=rng.choice(PLACES.projects)))
    session.user(request)


def ask(session: Session, pool: Sequence[Question]) -> None:
    """A question with a fixed answer; no other row has the same one."""
    question, answer = session.random.choice(pool)
    begin(session, question)
    session.say(answer)


def python_question(session: Session) -> None:
    """On the language Python."""
    ask(session, questions.python)


def tools_question(session: Session) -> None:
    """On git, tests and the work around code."""
    ask(session, questions.tools_and_tests)


def web_question(session: Session) -> None:
    """On HTTP, SQL and data formats."""
    ask(session, questions.web_and_data)


def algorithm_question(session: Session) -> None:
    """On algorithms and the design of programs."""
    ask(session, questions.algorithms)


def predict_output(session: Session, pool: Sequence[Snippet]) -> None:
    """What does this print? The answer states what it really printed."""
    rng = session.random
    code, why = rng.choice(pool)(rng)
    value = python(session)(code)
    if "Traceback" in value or value == "(no output)":
        raise AssertionError(f"the snippet fails: {value}\n{code}")
    begin(session, rng.choice(texts.ask_prints).format(code=f"```python\n{code}\n```"))
    simple = "`" not in value and "\n" not in value and value == value.strip()
    choices = [text for text in texts.say_prints if simple or "\n```" in text]
    lower = why if why[0] == "`" or why.startswith("Each call") else why[0].lower() + why[1:]
    session.say(rng.choice(choices).format(value=value, why=why, why_lower=lower))


def value_of_expression(session: Session) -> None:
    """Numbers and texts."""
    predict_output(session, VALUES)


def value_of_collection(session: Session) -> None:
    """Lists."""
    predict_output(session, COLLECTIONS)


def value_of_mapping(session: Session) -> None:
    """Dicts, sets and loops over them."""
    predict_output(session, MAPPINGS)


def value_of_program(session: Session) -> None:
    """Functions, generators and loops."""
    predict_output(session, CONTROL)


def checked(session: Session) -> tuple[Drawn, dict[str, str]]:
    """A function that passes its cases, and the words to speak of it."""
    rng = session.random
    drawn = functions.draw(rng.choice(FUNCTIONS), rng)
    results = functions.outcomes(python(session), drawn.source, drawn)
    if not all(right for right, _ in results.values()):
        raise AssertionError(f"{drawn.name} fails its cases: {results}")
    name, arguments, expected = rng.choice(drawn.cases)
    example = Example(name, f"{drawn.name}({arguments})", arguments, results[name][1], expected)
    block = f"```python\n{functions.module([drawn.source]).rstrip()}\n```"
    words = example.words()
    words["gives"] = words["does"]
    signature = drawn.source.split("\n")[0].removeprefix("def ").removesuffix(":")
    return drawn, words | {
        "fn": drawn.name, "spec": drawn.spec, "signature": signature, "block": block,
        "example": example.call, "project": rng.choice(PLACES.projects), "code": block,
        "spec_lower": drawn.spec[0].lower() + drawn.spec[1:], "count": str(len(drawn.cases)),
    }  # fmt: skip


def write_function(session: Session) -> None:
    """A function from a description."""
    _, words = checked(session)
    begin(session, choice(session, texts.write).format(**words))
    session.say(choice(session, texts.give).format(**words))


def write_from_examples(session: Session) -> None:
    """A function from asserts."""
    rng = session.random
    drawn, words = checked(session)
    plain = [case for case in drawn.cases if not case[2].startswith("!")]
    cases = rng.sample(plain, rng.randint(2, len(plain)))
    asserts = "\n".join(functions.assertion(drawn.name, a, e) for _, a, e in cases)
    words |= {"asserts": f"```python\n{asserts}\n```", "count": str(len(cases))}
    begin(session, choice(session, texts.from_examples).format(**words))
    session.say(choice(session, texts.give_tested).format(**words))


def write_with_tests(session: Session) -> None:
    """A function and its tests."""
    rng = session.random
    drawn, words = checked(session)
    cases = rng.sample(drawn.cases, rng.randint(2, len(drawn.cases)))
    tests = []
    for case, arguments, expected in cases:
        body = functions.assertion(drawn.name, arguments, expected).replace("\n", "\n    ")
        tests.append(f"def test_{case}() -> None:\n    {body}")
    text = "\n\n\n".join(tests)
    head = "import pytest\n\n\n" if "pytest." in text else ""
    named = [case.replace("_", " ") for case, _, _ in cases]
    covered = f"{', '.join(f'“{name}”' for name in named[:-1])} and “{named[-1]}”"
    words |= {"tests": f"```python\n{head}{text}\n```", "covered": covered}
    begin(session, choice(session, texts.with_tests).format(**words))
    session.say(choice(session, texts.give_with_tests).format(**words))


def correct_function(session: Session) -> None:
    """The user pastes a function with a bug and gets it back corrected."""
    rng = session.random
    drawn, words = checked(session)
    bug = rng.choice(drawn.bugs)
    broken = drawn.broken(bug)
    results = functions.outcomes(python(session), broken, drawn)
    case, arguments, expected = rng.choice([c for c in drawn.cases if not results[c[0]][0]])
    example = Example(case, f"{drawn.name}({arguments})", arguments, results[case][1], expected)
    words |= example.words() | {"cause": bug.cause, "fix": bug.fix, "example": example.call}
    words["code"] = f"```python\n{functions.module([broken]).rstrip()}\n```"
    begin(session, rng.choice(texts.correct).format(**words))
    session.say(rng.choice(texts.corrected).format(**words))


def result_of_call(session: Session) -> None:
    """What a pasted function gives for certain arguments."""
    _, words = checked(session)
    begin(session, session.random.choice(texts.predict).format(**words))
    session.say(session.random.choice(texts.predicted).format(**words))


SCENARIOS = (
    python_question, value_of_expression, write_function, tools_question, value_of_collection,
    write_from_examples, web_question, value_of_program, write_with_tests, algorithm_question,
    value_of_mapping, result_of_call, correct_function,
)  # fmt: skip
