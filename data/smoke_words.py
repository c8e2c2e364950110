"""The words of the smoke data: ways of asking and answering, and the names and values to fill in.

TRAIN and PROBES share no entry; a test holds them to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

EXTENSIONS = ["txt", "md", "csv", "log", "py", "json"]
MATH = ["sqrt", "floor", "ceil"]

QUESTIONS = {
    "read_file": ["Read {path}.", "What is in {path}?", "Show me {path}.", "Open {path}."],
    "count_lines": ["How many lines has {path}?", "Count the lines of {path}."],
    "word_count": ["How many words has {path}?", "Count the words of {path}."],
    "file_size": ["How big is {path}?", "What is the size of {path}?"],
    "grep": ["Find {pattern} in {path}.", "Where is {pattern} in {path}?"],
    "list_directory": ["List {path}.", "Which files are in {path}?"],
    "run_python": ["Run {code}", "What does {code} print?"],
}
PLAIN_QUESTIONS = ["What is {term}?", "What does {term} mean?", "Explain {term}."]

ANSWERS = {
    "read_file": "The first line is: {line}",
    "count_lines": "{path} has {line} lines.",
    "word_count": "{path} has {line} words.",
    "file_size": "{path} has {line} bytes.",
    "grep": "{pattern} is in line {line}",
    "list_directory": "{path} has {listed}.",
    "run_python": "It prints {line}.",
}


@dataclass(frozen=True)
class Vocabulary:
    """The names and values of the training rows, or of the probes."""

    stems: list[str]
    """Of file names."""
    folders: list[str]
    patterns: list[str]
    """Words that files consist of and that are searched for."""
    numbers: range
    glossary: Mapping[str, str]
    """Terms and what they mean, for questions that need no tool."""


def _words(text: str) -> list[str]:
    return text.split()


TRAIN = Vocabulary(
    stems=_words("""
        about account address agenda album animal answer april archive army artist author autumn
        bakery balance banana bank barrel basket battery beach bedroom bicycle birds border
        bottle branch bread breakfast bridge brother budget building butter button cabin camera
        candle carbon castle cattle center chapter cheese chicken choice church circle citizen
        class climate clothes cloud coffee college color comment company concert contact copper
        corner cotton country course credit culture customer dance danger daughter december
        degree design dinner doctor dollar dragon driver eagle earth economy editor election
        engine evening exercise factory family farmer feature february fiction finger flight
        flower football forest
    """),
    folders=["docs", "src", "tests", "data"],
    patterns=_words("""
        river stone apple window yellow winter train paper music table silver summer water
        simple orange planet ocean number
    """),
    numbers=range(11, 60),
    glossary={
        "a loop": "A loop repeats code.",
        "a list": "A list holds values in order.",
        "a string": "A string is text.",
        "an integer": "An integer is a whole number.",
        "a function": "A function is named code that can be called.",
        "a class": "A class describes a kind of object.",
        "a module": "A module is a file of code.",
        "a variable": "A variable is a name for a value.",
        "a bug": "A bug is a mistake in a program.",
        "a test": "A test checks that code works.",
        "a compiler": "A compiler turns code into a program.",
        "a thread": "A thread runs beside other code.",
        "a process": "A process is a running program.",
        "a server": "A server answers requests.",
        "a client": "A client asks a server.",
        "a database": "A database stores records.",
        "a query": "A query asks a database.",
        "an index": "An index makes lookups fast.",
        "a key": "A key names a value.",
        "a tuple": "A tuple is a fixed list.",
        "a set": "A set holds each value once.",
        "a byte": "A byte is eight bits.",
        "a bit": "A bit is zero or one.",
        "a queue": "A queue serves the first item first.",
        "a tree": "A tree is nodes with children.",
        "a graph": "A graph is nodes and edges.",
        "recursion": "Recursion is a function that calls itself.",
        "a commit": "A commit is a saved change.",
        "a branch": "A branch is a line of commits.",
        "a merge": "A merge joins two branches.",
        "a patch": "A patch is a small change.",
        "an API": "An API is how programs talk.",
        "a library": "A library is code to reuse.",
        "a package": "A package is code to install.",
        "a license": "A license says how code may be used.",
        "a shell": "A shell runs commands.",
        "an editor": "An editor changes text.",
        "a debugger": "A debugger shows a program step by step.",
        "a hash": "A hash is a short number for data.",
        "a cache": "A cache keeps results for later.",
    },
)

PROBES = Vocabulary(
    stems=_words("""
        garden gender genius giant glass golden grammar grass guitar hammer harbor harvest
        health hero history holiday horse hospital hotel island jacket january journal journey
        jungle kitchen language lawyer leather lecture lemon library lion machine magic market
        medicine memory mirror monkey morning mountain
    """),
    folders=["notes", "lib", "app", "config"],
    patterns=_words("""
        valley wood pencil door purple spring truck letter song chair iron weather fire little
        lake rocket sand value
    """),
    numbers=range(61, 99),
    glossary={
        "a stack": "A stack serves the last item first.",
        "a pointer": "A pointer holds an address.",
        "an array": "An array holds values side by side.",
        "a float": "A float is a number with a point.",
        "a dictionary": "A dictionary maps keys to values.",
        "an exception": "An exception reports an error.",
        "a decorator": "A decorator wraps a function.",
        "a kernel": "A kernel runs the machine.",
    },
)
