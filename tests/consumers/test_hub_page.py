"""The Hub's own packages read the product's GGUF files as they are meant."""

from pathlib import Path
from typing import Any

import node_packages
import pytest

pytestmark = pytest.mark.slow
NAMES = {kind: f"Synthia-Smoke-135M-{kind}.gguf" for kind in ("F16", "Q5_K_M", "Q4_K_M")}


@pytest.fixture(scope="module")
def page(smoke: Path) -> dict[str, Any]:
    files = [str(smoke / "gguf" / name) for name in NAMES.values()]
    found: dict[str, Any] = node_packages.run(Path(__file__).with_name("hub_page.mjs"), *files)
    return found


def test_the_quant_tag_is_read_from_each_files_name(page: dict[str, Any]) -> None:
    assert {kind: page[name]["quant"] for kind, name in NAMES.items()} == {k: k for k in NAMES}


def test_the_page_offers_the_clients_that_users_have(page: dict[str, Any]) -> None:
    for shown in page.values():
        assert shown["name"] == "Synthia Smoke 135M"
        assert shown["parameters"] == 134_515_008
        assert {"lmstudio", "ollama", "llama.cpp", "jan"} <= set(shown["apps"])


def test_the_template_that_ollama_would_be_given_is_overridden_by_ours(
    page: dict[str, Any], smoke: Path
) -> None:
    ours = (smoke / "gguf" / "template").read_text(encoding="utf-8")
    for shown in page.values():
        # The Hub maps a GGUF by its special tokens, to the template of another model: tools are lost.
        mapped = shown["mapped"]
        assert mapped is None or mapped["template"] != ours
        assert "json ." in ours
        assert "{{ .Function }}" not in ours
    assert '"<|im_end|>"' in (smoke / "gguf" / "params").read_text(encoding="utf-8")
