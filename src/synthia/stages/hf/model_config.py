"""What 16bit/config.json and generation_config.json say to readers of either form.

transformers 5 writes the frequencies of rotary embeddings as `rope_parameters`; transformers 4 and
Ollama's importer read `rope_theta` and `rope_scaling`, and where these are missing compute with 10,000
without a word. Both are written.

A temperature of 0 is `do_sample: false` and no temperature: transformers refuses to save a model whose
generation_config.json has one that greedy decoding ignores. vLLM reads no `do_sample`; its users set
the temperature.

Not covered: frequencies by layer type, which no architecture of the recipes has.
"""

from collections.abc import Mapping
from typing import Any

from synthia.errors import PipelineError
from synthia.recipe import Recipe

Config = Mapping[str, Any]


def with_both_rope_forms(config: Config) -> dict[str, Any]:
    """The configuration with `rope_parameters` (transformers 5) and `rope_theta`, `rope_scaling` (4).

    Raises PipelineError where it has neither form, or the two differ.
    """
    old = dict(config.get("rope_scaling") or {"rope_type": "default"})
    if "rope_theta" in config:
        old |= {"rope_theta": config["rope_theta"]}
    new = dict(config.get("rope_parameters") or old)
    if "rope_theta" not in new or ("rope_theta" in old and old != new):
        raise PipelineError(
            f"the base's config.json says of the rotary embeddings {new} and {old}: correct it, for "
            "each reader would take another of them"
        )
    scaling = {key: value for key, value in new.items() if key != "rope_theta"}
    return {
        **config,
        "rope_parameters": new,
        "rope_theta": new["rope_theta"],
        "rope_scaling": None if scaling.get("rope_type", "default") == "default" else scaling,
    }


def generation(recipe: Recipe, config: Config) -> dict[str, Any]:
    """The content of generation_config.json: stop ids, padding, and the shipped temperature."""
    stops, temperature = recipe.stop.stop_token_ids, recipe.serve.temperature
    found: dict[str, Any] = {
        "eos_token_id": stops if len(stops) > 1 else stops[0],
        "pad_token_id": config["pad_token_id"],
        "do_sample": temperature > 0,
    }
    if temperature > 0:
        found["temperature"] = temperature
    if config.get("bos_token_id") is not None:
        found["bos_token_id"] = config["bos_token_id"]
    return found
