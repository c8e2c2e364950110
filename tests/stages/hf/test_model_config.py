"""config.json has the rotary base in both forms; generation_config.json ships the temperature."""

from pathlib import Path

import pytest

from synthia import recipe
from synthia.errors import PipelineError
from synthia.stages.hf import model_config

RECIPES = Path(__file__).resolve().parents[3] / "recipes"


@pytest.mark.parametrize(
    "config",
    [
        {"rope_theta": 1e6},
        {"rope_theta": 1e6, "rope_scaling": None},
        {"rope_parameters": {"rope_theta": 1e6, "rope_type": "default"}},
        {"rope_theta": 1e6, "rope_parameters": {"rope_theta": 1e6, "rope_type": "default"}},
    ],
)
def test_either_form_becomes_both(config: dict[str, object]) -> None:
    found = model_config.with_both_rope_forms(config)
    assert found["rope_theta"] == 1e6
    assert found["rope_parameters"] == {"rope_theta": 1e6, "rope_type": "default"}
    assert found["rope_scaling"] is None


def test_a_scaled_base_keeps_its_scaling_in_both_forms() -> None:
    scaling = {"rope_type": "yarn", "factor": 4.0}
    for config in (
        {"rope_theta": 1e6, "rope_scaling": scaling},
        {"rope_parameters": {"rope_theta": 1e6, **scaling}},
    ):
        found = model_config.with_both_rope_forms(config)
        assert found["rope_scaling"] == scaling
        assert found["rope_parameters"] == {"rope_theta": 1e6, **scaling}


@pytest.mark.parametrize(
    "config",
    [{}, {"rope_theta": 1e4, "rope_parameters": {"rope_theta": 1e6, "rope_type": "default"}}],
)
def test_no_form_and_two_that_differ_are_refused(config: dict[str, object]) -> None:
    with pytest.raises(PipelineError, match=r"config\.json says of the rotary embeddings"):
        model_config.with_both_rope_forms(config)


def test_greedy_is_no_sampling_and_a_temperature_is() -> None:
    config = {"pad_token_id": 0, "bos_token_id": 1}
    greedy = model_config.generation(recipe.load(RECIPES, "smoke"), config)
    assert greedy == {"eos_token_id": 2, "pad_token_id": 0, "bos_token_id": 1, "do_sample": False}
    warm = recipe.load(RECIPES, "smoke", ["serve.temperature=0.2"])
    assert model_config.generation(warm, config) | {"do_sample": True} == {
        **greedy,
        "do_sample": True,
        "temperature": 0.2,
    }
