"""`./invoke diagnose`: look at each artefact in its locked environment, decide, and write the findings.

Folders are looked at in the train environment, GGUF files in the convert environment. Written are
`diagnosis.json` and `diagnosis.html`; with `fix`, repaired copies beside the artefacts.

Not covered: containers; the environments of this machine are used.
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from synthia import records
from synthia.diagnose import verdict
from synthia.errors import UsageError
from synthia.host import environments
from synthia.run import launch, llama_build

PROBES, LIMIT = 12, 64
AS_CHAT_MODEL = ("G static: template", "G static: token ids", "G static: sampling", "T ", "B ")
"""Gates on what only a chat model needs."""
ROOM = "synthia.stages.diagnosis"


def run(project: Path, paths: Sequence[str], *, base: str = "", data: str = "", fix: bool = False,
        out: Path | None = None, probes: int = PROBES, limit: int = LIMIT) -> dict[str, Any]:  # fmt: skip
    """Diagnose artefacts and return the verdict. Raises UsageError for a path that holds none."""
    folders, files = classify(paths)
    origin = _base(base, folders)
    ask: dict[str, Any] = {"probes": probes, "limit": limit, "base": str(origin or "")}
    ask["family"] = _words(dict.fromkeys([*([origin] if origin else []), *folders, *files]))
    rows = _rows(project, data, folders, files, origin) if data else []
    found = (
        _in_environment(project, "train", "folders", {**ask, "paths": _words(folders)})
        if folders
        else []
    )
    if files:
        merged = [path for path in folders if not _is_adapter(path) and path != origin]
        reference = merged[-1] if merged else origin
        ask |= {"reference": str(reference or "")}
        found += _in_environment(project, "convert", "gguf_files", {**ask, "paths": _words(files)})
    found = [*rows, *(_unjudged(each, origin) for each in found)]
    decided = verdict.decide(found)
    result = {"verdict": decided, "artefacts": found,
              "open": {a["path"]: q for a in found if (q := verdict.open_questions(a))}}  # fmt: skip
    where = out or project / "outputs" / "diagnosis"
    where.mkdir(parents=True, exist_ok=True)
    records.write(where / "diagnosis.json", result, sort_keys=False)
    _page(where / "diagnosis.html", result)
    if fix:
        decided["fixed"] = _fix(project, found, decided, origin, folders, files)
    return result


def _unjudged(artefact: dict[str, Any], origin: Path | None) -> dict[str, Any]:
    """A base beside what was made of it is not judged as a chat model: what it lacks becomes a note."""
    if artefact["path"] != str(origin):
        return artefact
    moved = [
        g for g in artefact["gates"] if not g["passed"] and g["name"].startswith(AS_CHAT_MODEL)
    ]
    notes = [f"as a base not judged by {g['name']}: {'; '.join(g['where'][:2])}" for g in moved]
    kept = [gate for gate in artefact["gates"] if gate not in moved]
    return {**artefact, "gates": kept, "notes": [*artefact["notes"], *notes]}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The findings for the terminal."""
    said = []
    for artefact in result["artefacts"]:
        red = [gate for gate in artefact["gates"] if not gate["passed"]]
        count = len(artefact["gates"])
        said.append(
            f"{'FAIL' if red else 'ok':4}  {artefact['path']}: {count - len(red)} of {count} gates passed"
        )
        for gate in red:
            said.append(
                f"      {gate['name']}: {gate['metric']}: {gate['value']}, must be {gate['threshold']}"
            )
            said += [f"          at {place}" for place in gate["where"][:3]]
        said += [f"      swap: {verdict.said(swap)}" for swap in artefact["swaps"]]
        said += [f"      note: {note}" for note in artefact["notes"]]
        said += [f"      open: {question}" for question in result["open"].get(artefact["path"], [])]
    decided = result["verdict"]
    if not decided["first_bad"]:
        return [*said, "", f"nothing is wrong: {decided['confidence']}"]
    said += ["", f"first bad:  {decided['first_bad']}", f"cause:      {decided['cause']}"]
    said += [f"evidence:   {each}" for each in decided["evidence"][:6]]
    said += [f"confidence: {decided['confidence']}", f"fix:        {decided['fix']}"]
    said += [f"repaired:   {each}" for each in decided.get("fixed", [])]
    return said


def classify(paths: Sequence[str]) -> tuple[list[Path], list[Path]]:
    """Folders with a model or an adapter, in the given order; GGUF files, the largest first."""
    folders, files = [], []
    for path in (Path(word).absolute() for word in paths):
        if path.is_file():
            with path.open("rb") as file:
                magic = file.read(4)
            if magic != b"GGUF":
                raise UsageError(
                    f"{path} is no GGUF file (it begins with {magic!r}): name a GGUF file or a folder"
                )
            files.append(path)
        elif path.is_dir() and ((path / "config.json").exists() or _is_adapter(path)):
            folders.append(path)
        else:
            raise UsageError(
                f"{path} holds neither config.json nor adapter_config.json and is no GGUF file: name a "
                "folder with a model or an adapter, or a GGUF file"
            )
    if not folders and not files:
        raise UsageError("no artefact is named: ./invoke diagnose PATH [PATH...]")
    return folders, sorted(files, key=lambda path: -path.stat().st_size)


def _is_adapter(path: Path) -> bool:
    return (path / "adapter_config.json").exists()


def _base(base: str, folders: Sequence[Path]) -> Path | None:
    """The base that is named; else, beside an adapter, the first folder that is none."""
    if base:
        (found,) = [path for group in classify([base]) for path in group]
        return found
    plain = [path for path in folders if not _is_adapter(path)]
    return plain[0] if plain and len(plain) < len(folders) else None


def _words(paths: Iterable[Path]) -> list[str]:
    return [str(path) for path in paths]


def _in_environment(
    project: Path, environment: str, module: str, request: Mapping[str, Any]
) -> list[Any]:
    request = dict(request)
    if environment == "convert":
        python = environments.ensure(project, "convert")
        request["llama_cpp"] = str(llama_build.ensure(python, environments.cache_root()))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found.json"
        launch.run_tool(project, f"{ROOM}.{module}", [], {**request, "out": str(out)}, environment)
        found: list[Any] = records.read(out)
    return found


def _rows(project: Path, data: str, folders: Sequence[Path], files: Sequence[Path],
          origin: Path | None) -> list[Any]:  # fmt: skip
    file = Path(data).absolute()
    if not file.is_file():
        raise UsageError(f"--data {data}: there is no such file")
    home = next(
        (
            path
            for path in [*folders, *([origin] if origin else [])]
            if (path / "tokenizer.json").exists()
        ),
        None,
    )
    if home is None:
        raise UsageError(
            "--data needs a folder with tokenizer.json among the paths or as --base, to read the rows with"
        )
    return _in_environment(
        project, "train", "training_rows", {"file": str(file), "tokenizer": str(home)}
    )


def _fix(project: Path, found: Sequence[Mapping[str, Any]], decided: Mapping[str, Any],
         origin: Path | None, folders: Sequence[Path], files: Sequence[Path]) -> list[str]:  # fmt: skip
    donors = _words([*([origin] if origin else []), *folders, *files])
    said: list[str] = []
    mend = {decided["first_bad"]: decided["mend"]} if "mend" in decided else {}
    for environment, group in (("train", folders), ("convert", files)):
        red = {a["path"]: [g["name"] for g in a["gates"] if not g["passed"]] for a in found}
        asked = [str(path) for path in group if red.get(str(path))]
        if asked:
            request = {"paths": asked, "red": red, "donors": donors, "mend": mend}
            said += _in_environment(project, environment, "repair", request)
    return said


def _page(path: Path, result: Mapping[str, Any]) -> None:
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("synthia", "."), autoescape=True)
    page = environment.get_template("diagnose/report.html.jinja")
    records.write_text(path, page.render(**result, said=verdict.said))
