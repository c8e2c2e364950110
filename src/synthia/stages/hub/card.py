"""The model cards of both repositories: front matter that the Hub reads, and the page that people read.

Everything on them is taken from the run: recipe, evaluate's measurements, gates, digests of manifests.

Not covered: the Hub's own check of the front matter, which is a request that the client makes at each
commit; here it is only read back by the client's parser.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCard, ModelCardData

from synthia import arms, gates, gguf_types, manifest, product, records
from synthia.errors import PipelineError
from synthia.gates import Gate
from synthia.recipe import Recipe
from synthia.stages.hub import file_set, signature

PAGE = "stages/hub/model_card.md.jinja"
GGUF_TAGS = ("lm-studio", "ollama", "llama.cpp")


def render(
    recipe: Recipe, inputs: Mapping[str, Path], judged: Sequence[Gate], digests: Mapping[str, str]
) -> dict[str, str]:
    """The text of README.md by folder of the package; `digests` are the stages' manifests'."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    hub = file_set.hub_of(recipe.hub)
    full, gguf = file_set.repositories(hub)
    kinds = recipe.convert.types
    names = file_set.taken_from_convert(inputs["convert"], kinds)
    params = inputs["convert"] / "params"
    served = records.read(params) if params.exists() else {}
    config = records.read(inputs["merge"] / "config.json")
    model_type, width = config["model_type"], config["hidden_size"]
    shared: dict[str, Any] = {
        "license": recipe.convert.license,
        "pipeline_tag": "text-generation",
        "language": recipe.convert.languages or None,
        "datasets": hub.datasets or None,
    }
    front = {
        file_set.SIXTEEN_BIT: ModelCardData(
            **shared, base_model=recipe.model.repo_id, base_model_relation="finetune",
            library_name="transformers", tags=_unique(*product.TAGS, model_type, *hub.tags),
        ),
        file_set.GGUF: ModelCardData(
            **shared, base_model=full.repo_id, base_model_relation="quantized",
            library_name="gguf", quantized_by=full.repo_id.partition("/")[0],
            tags=_unique(*product.TAGS, *GGUF_TAGS, model_type, *hub.tags),
        ),
    }  # fmt: skip
    environment = Environment(
        loader=PackageLoader("synthia", "."), undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    page = environment.get_template(PAGE)
    shown = {
        "recipe": recipe.name,
        "name": recipe.convert.name,
        "model": recipe.model,
        "lora": recipe.lora,
        "training": recipe.training,
        "merge": recipe.merge,
        "full": full,
        "gguf": gguf,
        "files": [
            (kind, name) for kind in kinds for name in names if file_set.type_of(name, [kind])
        ],
        "sizes": {name: (inputs["convert"] / name).stat().st_size for name in names},
        "default": file_set.default_type(kinds),
        "clients": [name for name in names if name in file_set.FOR_CLIENTS],
        "context": served.get("num_ctx", recipe.data.max_length),
        "temperature": f"{served.get('temperature', 0):g}",
        "width": width,
        "in_8_bit": width % 256 != 0 and any(gguf_types.in_blocks_of_256(kind) for kind in kinds),
        "rows": records.read(inputs["prepare"] / "statistics.json"),
        "loss": records.read(inputs["train"] / "loss_history.json"),
        "measured": records.read(inputs["evaluate"] / "metrics.json"),
        "arms": [arm.name for arm in arms.of(kinds)],
        "base_arm": arms.BASE,
        "gates": judged,
        "table": gates.table(judged),
        "digests": digests,
        "public_key": hub.public_key.strip(),
        "signature": signature.NAME,
    }
    weights = {file_set.SIXTEEN_BIT: inputs["merge"], file_set.GGUF: inputs["convert"]}
    return {
        folder: checked(
            f"---\n{data.to_yaml()}\n---\n\n"
            + page.render(folder=folder, weights=_weights(weights[folder]), **shown)
        )
        for folder, data in front.items()
    }


def _weights(folder: Path) -> dict[str, str]:
    """SHA-256 of a stage's weights by path, as its manifest has them."""
    outputs = (manifest.read(folder) or {})["outputs"]
    return {path: digest for path, digest in outputs.items() if file_set.is_weights(path)}


def _unique(*words: str) -> list[str]:
    return list(dict.fromkeys(words))


def checked(text: str) -> str:
    """The card itself, once the client's parser reads its front matter. Raises PipelineError."""
    try:
        data: Any = ModelCard(text).data
    except ValueError as error:
        raise PipelineError(
            f"the model card's front matter cannot be read: {error}; correct the recipe's section hub"
        ) from None
    if not data.license or not data.base_model:
        raise PipelineError("the model card's front matter lacks license or base_model")
    return text
