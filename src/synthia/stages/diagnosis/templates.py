"""The chat templates of artefacts, read from folders and GGUF files alike.

Not covered: judging them (`static`).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from synthia import records
from synthia.stages.diagnosis import probes
from synthia.stages.gguf import gates as gguf_gates, metadata

FALLBACK = "ChatML"
"""What servers take where a file has no template, by name."""


def read(path: Path) -> str | None:
    """The template that an artefact is used with; None where it has none."""
    if path.is_file():
        found = metadata.read(path).get(gguf_gates.TEMPLATE)
        return str(found) if found else None
    if (path / "chat_template.jinja").exists():
        return (path / "chat_template.jinja").read_text(encoding="utf-8")
    file = path / "tokenizer_config.json"
    return default(records.read(file).get("chat_template")) if file.exists() else None


def default(template: Any) -> str | None:
    """The template out of tokenizer_config.json, which may hold several by name."""
    if isinstance(template, list):
        return next((each["template"] for each in template if each["name"] == "default"), None)
    return str(template) if template else None


def family(words: Iterable[str]) -> dict[str, str]:
    """Templates by the artefacts that have them, and ChatML, which servers fall back on."""
    found = {word: template for word in words if (template := read(Path(word)))}
    return {**found, FALLBACK: probes.CHATML}
