"""Run the scenario of every row of data files again, and compare: `./invoke data --re-execute`.

A request as JSON on stdin names the project and its data files. Calls, results and digest are
compared with what is in the row. Code comes from the project's scenarios alone: the text of a row
is compared, never run. Exit codes are those of the error family: 1 when a row differs.

Not covered: writing the files (`datagen.generate`).
"""

import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from datagen import generate
from synthia.errors import PipelineError
from synthia.gates import GateFailed


def main() -> int:
    """Compare all rows of the files that the request names, and return an exit code."""
    request = json.load(sys.stdin)
    try:
        re_execute(Path(request["project"]), request["files"])
    except PipelineError as error:
        print(f"data: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def re_execute(project: Path, names: Sequence[str]) -> None:
    """Compare all rows of files, a row a job; raises GateFailed when one differs."""
    differences = 0
    counts = {"same": 0, "without a record": 0}
    with ProcessPoolExecutor(os.cpu_count() or 1) as pool:
        for name in names:
            lines = (project / name).read_text(encoding="utf-8").splitlines()
            verdicts = pool.map(compare, lines, chunksize=8)
            for number, verdict in enumerate(verdicts, start=1):
                if verdict in counts:
                    counts[verdict] += 1
                else:
                    differences += 1
                    print(f"{name}:{number}: {verdict}")
    left = counts["without a record"]
    without = f", {left} rows without a record" if left else ""
    print(f"{counts['same']:,} rows executed again, {differences} differences{without}")
    if differences:
        raise GateFailed(f"{differences} rows do not hold what their scenario gives (above)")


def compare(line: str) -> str:
    """Make the row of a line again: "same", "without a record", or what differs."""
    row = json.loads(line)
    if "scenario" not in row:
        return "without a record"
    try:
        made = generate.make(row["scenario"])
        if "gold" in row:
            made = generate.as_probe(made, row["id"])
    except Exception as error:
        return f"its scenario {row['scenario']!r} does not run: {type(error).__name__}: {error}"
    for key in ("messages", "gold", "tools", "dialect", "exec_digest", "also_right", "answer_must"):
        if made.get(key) != row.get(key):
            return f"{key} differs from what the scenario {row['scenario']} gives"
    return "same"


if __name__ == "__main__":
    sys.exit(main())
