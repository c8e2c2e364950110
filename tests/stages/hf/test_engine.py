"""The packed engine is taken where it can do what the recipe, the model and the GPU ask."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT

from synthia import recipe
from synthia.errors import UsageError
from synthia.stages.hf import engine

CONFIG = {
    "model_type": "qwen2",
    "hidden_size": 3584,
    "num_attention_heads": 28,
    "hidden_act": "silu",
}
HOPPER = (9, 0)


def chosen(
    folder: Path, *sets: str, capability: tuple[int, int] | None = HOPPER, **other: Any
) -> str:
    (folder / "config.json").write_text(json.dumps(CONFIG | other))
    return engine.choose(
        recipe.load(PROJECT / "recipes", "synthia-7b", list(sets)), folder, capability
    )


def test_auto_takes_packed_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert chosen(tmp_path, "training.engine=auto") == engine.PACKED
    assert "engine    packed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("sets", "capability", "other", "why"),
    [
        ([], HOPPER, {"model_type": "gemma3"}, "the model is a gemma3"),
        ([], HOPPER, {"use_sliding_window": True}, "use_sliding_window"),
        ([], HOPPER, {"attention_bias": True}, "attention_bias"),
        ([], HOPPER, {"hidden_act": "gelu"}, "gelu"),
        ([], HOPPER, {"head_dim": 80}, "heads of 80"),
        ([], (7, 5), {}, "7.5"),
        (["lora.lora_dropout=0.1"], HOPPER, {}, "lora_dropout is 0.1"),
        (['lora.target_modules=["q_proj", "c_attn"]'], HOPPER, {}, "c_attn"),
    ],
)
def test_auto_takes_unsloth_elsewhere_and_packed_is_refused(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    sets: list[str],
    capability: tuple[int, int],
    other: dict[str, Any],
    why: str,
) -> None:
    assert (
        chosen(tmp_path, "training.engine=auto", *sets, capability=capability, **other)
        == engine.UNSLOTH
    )
    assert why in capsys.readouterr().err
    with pytest.raises(UsageError, match=r"training\.engine"):
        chosen(tmp_path, "training.engine=packed", *sets, capability=capability, **other)


def test_without_a_gpu_rows_are_passed_one_at_a_time(tmp_path: Path) -> None:
    for name, found in (("auto", "plain"), ("unsloth", "plain"), ("packed", "packed")):
        assert chosen(tmp_path, f"training.engine={name}", capability=None) == found
    assert chosen(tmp_path, "training.engine=unsloth") == engine.UNSLOTH
