"""A terminal session with the smoke product, its tools really run: python benchmarks/terminal_chat.py

Types a few questions into `./invoke chat` at a terminal of its own, in a new folder with two files, and
prints what the terminal showed. Needs a finished run in `outputs/smoke`, and the dev
environment's Python (./invoke test makes it).

Not covered: what the answers should be; tests/datagen/test_chat.py says that of the first one.
"""

import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "tests")]

import terminal_session  # noqa: E402

FILES = {"app/main.py": "import os\n\nprint(os.getcwd())\n", "notes.md": "# Notes\n"}
LINES = ("Count the lines of app/main.py.", "Read the file notes.md.", "")


def main() -> None:
    """Hold the session and print it."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in FILES.items():
            path = Path(scratch) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        words = [str(PROJECT / "invoke"), "chat", "--recipe", "smoke", "--folder", scratch]
        terminal_session.hold(words, LINES)


if __name__ == "__main__":
    main()
