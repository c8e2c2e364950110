"""What the published model is called, and the parameters that go with it to each client.

One place for what the GGUF's metadata, Ollama's and LM Studio's files, `./invoke serve` and the model
card must say alike. Formats: Ollama's Modelfile and the Hub's `params`, LM Studio's model.yaml,
llama.cpp's metadata file.

Base models are named so: the metadata of a GGUF describes the model, so its `general.base_model.0` is
the original base that was tuned, as in the 16-bit model's card; the card of a repository of GGUF files
describes the repository, and names the 16-bit one with `base_model_relation: quantized`.

Not covered: uploading, and generation_config.json (`synthia.stages.hf.model_config`).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from synthia import families, gguf_types
from synthia.recipe import Recipe

TAGS = ("conversational", "tool-use", "function-calling", "code")
"""The Hub shows a model's agents and chat clients for the first one only."""
OLLAMA_DEFAULT = "Q4_K_M"
"""The type that `ollama run hf.co/…` takes when none is named."""


def stops(recipe: Recipe) -> list[str]:
    """Texts at which a client must stop that reads no stop ids: those that end a turn or a row.

    Nothing else: `</tool_call>` would cut off the second of two calls.
    """
    end_of_text = families.FAMILIES[recipe.family].end_of_text
    return list(dict.fromkeys([recipe.stop.terminator, recipe.stop.eos_token, end_of_text]))


def metadata(recipe: Recipe, data: Mapping[str, str]) -> dict[str, Any]:
    """GGUF metadata as `convert_hf_to_gguf.py --metadata` reads it.

    `data` holds the version of each file or data set that the model was trained on, a digest or a revision.
    """
    return {
        "general.description": recipe.description,
        "general.organization": recipe.convert.organization,
        "general.quantized_by": recipe.convert.organization,
        "general.license.link": recipe.convert.license_link,
        "general.tags": [*TAGS, "text-generation"],
        "general.languages": recipe.convert.languages,
        "general.datasets": [
            {"name": path, "version": version} for path, version in sorted(data.items())
        ],
        "general.sampling.temp": recipe.serve.temperature,
    }


def ollama_params(recipe: Recipe) -> str:
    """The file `params`, which the Hub hands to `ollama run hf.co/…`."""
    found = {
        "stop": stops(recipe),
        "temperature": recipe.serve.temperature,
        "num_ctx": recipe.serve.num_ctx,
    }
    return json.dumps(found, indent=1) + "\n"


def modelfile(recipe: Recipe, template: str) -> str:
    """The file for `ollama create`; `template` is the Go template, "" where Ollama is to find its own."""
    lines = [f"FROM ./{ollama_file(recipe)}"]
    lines += [f'TEMPLATE """{template}"""'] if template else []
    lines += [f'PARAMETER stop "{text}"' for text in stops(recipe)]
    lines += [f"PARAMETER temperature {recipe.serve.temperature:g}"]
    lines += [f"PARAMETER num_ctx {recipe.serve.num_ctx}"]
    return "\n".join(lines) + "\n"


def ollama_file(recipe: Recipe) -> str:
    """The GGUF that the Modelfile names: Ollama's default type, or the recipe's smallest."""
    types = recipe.convert.types
    kind = OLLAMA_DEFAULT if OLLAMA_DEFAULT in types else min(types, key=gguf_types.bits)
    return gguf_types.file_name(recipe.convert.name, kind)


def lm_studio(
    recipe: Recipe, repo_id: str, *, architecture: str, parameters: str, size: int
) -> str:
    """The file model.yaml for `lms push`; it is the only way to LM Studio's mark for tool use.

    `repo_id` is that of the GGUF files, `parameters` a label such as 7B, `size` the bytes of the
    smallest file.
    """
    user, repo = repo_id.split("/")
    name = recipe.convert.name.replace(" ", "-").lower()
    lines = [
        f"model: {json.dumps(f'{user.lower()}/{name}')}",
        "base:",
        f"  - key: {json.dumps(repo_id.lower())}",
        "    sources:",
        "      - type: huggingface",
        f"        user: {json.dumps(user)}",
        f"        repo: {json.dumps(repo)}",
        "metadataOverrides:",
        "  domain: llm",
        f"  architectures: {_flow([architecture])}",
        "  compatibilityTypes: [gguf]",
        f"  paramsStrings: {_flow([parameters])}",
        f"  minMemoryUsageBytes: {size}",
        f"  contextLengths: [{recipe.serve.num_ctx}]",
        "  vision: false",
        "  reasoning: false",
        "  trainedForToolUse: true",
        "config:",
        "  operation:",
        "    fields:",
        "      - key: llm.prediction.temperature",
        f"        value: {recipe.serve.temperature:g}",
        "  load:",
        "    fields:",
        "      - key: llm.load.contextLength",
        f"        value: {recipe.serve.num_ctx}",
    ]
    return "\n".join(lines) + "\n"


def _flow(texts: Sequence[str]) -> str:
    """A YAML list on one line; JSON is YAML."""
    return json.dumps(list(texts))
