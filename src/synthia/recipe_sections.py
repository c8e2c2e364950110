"""The sections of a recipe, and the types of their values: what each key means, and what it may be.

Keys carry upstream names (TRL, PEFT, llama.cpp), so that a value can be looked up in their documentation.
All sections are frozen and strict.

Not covered: the section `model` (`synthia.recipe_sources`), and what sections must agree on with each other
(`synthia.recipe`).
"""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from synthia import gguf_types, recipe_values

ProjectPath = Annotated[str, AfterValidator(recipe_values.inside_project)]
DataFile = Annotated[str, AfterValidator(recipe_values.data_file)]
HubName = Annotated[
    str,
    AfterValidator(recipe_values.hub_name),
    Field(json_schema_extra={"pattern": recipe_values.HUB_NAME}),
]
Optimizer = Annotated[
    str,
    AfterValidator(recipe_values.optimizer),
    Field(json_schema_extra={"enum": list(recipe_values.OPTIMIZERS)}),
]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Revision = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Reasoning = Literal["refuse", "drop", "keep"]
GgufType = Annotated[
    str,
    AfterValidator(gguf_types.normalise),
    Field(json_schema_extra={"enum": list(gguf_types.TYPES)}),
]


class Section(BaseModel):
    """What all sections share: no unknown keys, no silent conversions, no changes."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True, allow_inf_nan=False
    )


class Stop(Section):
    """The stop contract: every row, batch, tokenizer and GGUF must agree with it."""

    terminator: str = Field(min_length=1)
    """The token that ends each turn in the chat template."""
    eos_token: str = Field(min_length=1)
    pad_token: str = Field(min_length=1)
    """Must differ from every stop token: a collator may mask labels by it."""
    stop_token_ids: list[Annotated[int, Field(ge=0)]] = Field(min_length=1)
    """Ids that end generation: `generation_config.eos_token_id`."""
    row_end: str
    """Appended once, with loss, after the last turn; empty for nothing."""


class OwnProbes(Section):
    """Probes that prepare splits off the rows of data.files, which are then not trained on."""

    share: float = Field(gt=0.0, le=0.5)
    """Of the rows: whole conversations, none of them alike to one that is trained on."""
    seed: int = Field(ge=0)


class Data(Section):
    """The conversations and how they become token ids."""

    files: list[DataFile] = Field(min_length=1)
    """Of the project, or data sets of the Hub: hub:owner/name@revision#split, which fetch gets."""
    probes: Annotated[
        Annotated[ProjectPath, Tag("file")] | Annotated[OwnProbes, Tag("table")],
        Discriminator(lambda value: "file" if isinstance(value, str) else "table"),
    ]
    """Held-out conversations with gold answers, for the evaluation only: a file, or a share of the rows."""
    chat_template: ProjectPath
    ollama_template: ProjectPath | None
    """The same chats as a Go template, shipped for Ollama, which may not read the GGUF's."""
    max_length: int = Field(gt=0)
    """Longest row in tokens."""
    too_long: Literal["error", "drop"]
    """What to do with a longer row. It is never cut: that would lose its stop token."""
    longest: int | None = Field(default=None, gt=0)
    """So many rows are trained, the longest; without it all are. All are checked."""
    reasoning: Reasoning = "refuse"
    """What to do with what a turn thinks before it answers: refuse the row, leave the reasoning out, or
    keep it where the chat template has a place for it."""

    @property
    def hub(self) -> list[str]:
        """Those of `files` that are on the Hub."""
        return [name for name in self.files if name.startswith(recipe_values.HUB)]


class Lora(Section):
    """PEFT's LoraConfig."""

    r: int = Field(gt=0)
    lora_alpha: int = Field(gt=0)
    lora_dropout: float = Field(ge=0.0, lt=1.0)
    target_modules: Annotated[list[str] | str, AfterValidator(recipe_values.target_modules)]
    """Names of linear layers, or "all-linear"."""
    trainable_token_indices: list[Annotated[int, Field(ge=0)]]
    """Rows of embedding and head that are trained as well: needed where the base never saw them."""


class Training(Section):
    """TRL's SFTConfig."""

    engine: Literal["auto", "unsloth", "packed"] = "auto"
    """On a GPU: Unsloth, or the rows of a step in one pass, without padding; "auto": the second where the
    model and the GPU allow it."""
    memory: Literal[
        "auto", "all-values", "most-values", "inputs-values", "all-nf4", "most-nf4", "inputs-nf4"
    ] = "auto"
    """Of the packed engine: what is kept for the backward pass (all; all but the output of gate and up;
    each layer's input), with NF4's values in 16 bit or NF4 alone; "auto": what fits, for each step."""
    gpus: Literal["all"] | Annotated[int, Field(gt=0)] = "all"
    """On how many GPUs of the host the packed engine shares the rows of a step; Unsloth trains on one."""
    learning_rate: float = Field(gt=0.0)
    per_device_train_batch_size: int = Field(gt=0)
    gradient_accumulation_steps: int = Field(gt=0)
    num_train_epochs: float = Field(gt=0.0)
    max_steps: Annotated[int, Field(ge=-1), AfterValidator(recipe_values.steps)]
    """Optimizer steps; -1: as many as the epochs need."""
    lr_scheduler_type: Literal["linear", "cosine", "constant", "constant_with_warmup"]
    warmup_steps: int = Field(ge=0)
    weight_decay: float = Field(ge=0.0)
    optim: Optimizer
    max_grad_norm: float = Field(gt=0.0)
    gradient_checkpointing: bool
    """Of Unsloth and of training on a CPU; the packed engine has `memory`."""
    seed: int = Field(ge=0, lt=2**32)
    """NumPy, which is seeded with it as well, takes no larger one."""
    logging_steps: int = Field(gt=0)
    save_steps: int = Field(gt=0)
    probe_steps: int = Field(gt=0)
    """The stop token's rank is probed every so many optimizer steps."""
    probe_ends: int = Field(gt=0)
    """At so many gold ends, taken evenly from the probes."""
    report_to: list[Literal["tensorboard", "trackio", "wandb"]] = []
    """TRL's reporters, whose packages the train environment must hold; they write beside the stages."""
    max_final_loss: float = Field(gt=0.0, le=2.0)
    """Gate T loss: a run whose loss ends above it has not learned."""


class Merge(Section):
    """How the adapter becomes part of the weights."""

    onto: Literal["trained", "base16"] = "trained"
    """Where the base was quantised to NF4 for training: onto the values that the adapter was trained on,
    so that what is shipped is what was trained, or onto the base's own 16-bit values."""


class Convert(Section):
    """llama.cpp's conversion and quantisation."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")
    """`general.name` of the GGUF files, and with hyphens the beginning of their file names."""
    organization: str
    """Who made the model and quantises it: `general.organization` and `general.quantized_by`."""
    license: str
    license_link: str
    languages: list[str] = Field(min_length=1)
    """ISO 639-1."""
    types: list[GgufType]
    """Types of llama-quantize, F16 first."""
    imatrix: bool = False
    """Quantise with an importance matrix that llama-imatrix makes from the training rows."""
    random_strings: int = Field(ge=0)
    """How many random strings the tokenizer gate compares, besides the cases and all rows."""

    @model_validator(mode="after")
    def _starts_from_f16(self) -> Self:
        if not self.types or self.types[0] != "F16" or len(set(self.types)) != len(self.types):
            raise ValueError('types must start with "F16", which the others are quantised from')
        needy = [kind for kind in self.types if kind in gguf_types.NEED_IMATRIX]
        if needy and not self.imatrix:
            raise ValueError(
                f"{', '.join(needy)}: llama-quantize makes these only with an importance matrix; "
                "set convert.imatrix = true"
            )
        return self


class Serve(Section):
    """The parameters that are shipped with the product, for clients that send none of their own."""

    temperature: float = Field(ge=0.0, le=2.0)
    """0 takes the likeliest token, so that no other sampling parameter matters. Above it, top_k, top_p
    and min_p are each client's own."""
    num_ctx: int = Field(gt=0)
    """Tokens of context, by Ollama's name: it and LM Studio give 4,096 unless told."""


class Fidelity(Section):
    """Gates F of one GGUF type: its logits against the merged model's."""

    min_top1: Share
    """Share of positions with the same first choice."""
    max_kld: float | None = Field(default=None, gt=0.0)
    """Mean KL divergence in nats."""
    max_nmse: float | None = Field(default=None, gt=0.0)
    """Normalised mean squared error of the logits."""


class Evaluate(Section):
    """Sampling limits and thresholds of the gates B and F."""

    max_new_tokens_factor: float = Field(ge=1.0)
    """An answer may be so many times as long as the gold one before it counts as not stopping."""
    base_max_new_tokens_factor: float = Field(ge=1.0)
    """The same for the base model's answers, which are only compared with and may never stop."""
    max_probes: int | None = Field(default=None, gt=0)
    """So many of the probes, evenly spaced, are asked; without it all are."""
    base_max_probes: int | None = Field(default=None, gt=0)
    """The same for the base model, which is only compared with."""
    fidelity_positions: int = Field(gt=0)
    """Positions at which the logits of each GGUF are compared with those of the merged model."""
    min_stop_rate: Share
    max_stop_rate_loss: Share
    """A tuned arm may stop at most so much less often than the base does."""
    min_tool_parse: Share
    min_tool_schema: Share
    min_exact_calls: Share
    """Share of held-out gold calls that a tuned arm reproduces exactly."""
    min_exact_calls_gain: Share
    """By so much a tuned arm's share must exceed the base's, up to all of them."""
    min_abstention: Share
    """Share of probes without a gold call in which no call is made."""
    served_probes: int = Field(gt=0)
    """So many of the probes, evenly spaced, are asked of every GGUF as served, with each seed."""
    served_seeds: list[Annotated[int, Field(ge=0)]] = Field(min_length=1)
    max_served_loss: Share
    """Share of the probes' gold calls that a file reproduces greedily and may lose as served."""
    fidelity: dict[GgufType, Fidelity] = {}
    """Limits of the gates F by type; what is not given follows from the bits of a weight."""


class Hub(Section):
    """The Hugging Face Hub's repositories that `publish` fills; without this section it does not run."""

    repo_id: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    """Of the 16-bit model, `<user or organization>/<name>`."""
    gguf_repo_id: str = Field(default="", pattern=r"^$|^[\w.-]+/[\w.-]+$")
    """Of the GGUF files; without it `<repo_id>-GGUF`."""
    private: bool = True
    """False makes both public once all gates P have passed; they are always filled in private."""
    datasets: list[str] = []
    """The Hub's names of the data, for the model card."""
    tags: list[str] = []
    """For the model card, besides those that follow from the model."""
    public_key: Annotated[str, AfterValidator(recipe_values.public_key)] = ""
    """An EC key as PEM: packages are signed with the private one that belongs to it."""
    replace: list[Revision] = []
    """Commits of other writers which you have looked at, and whose content may be replaced."""

    @model_validator(mode="after")
    def _in_two_repositories(self) -> Self:
        if self.repo_id == self.gguf_repo_id:
            raise ValueError("repo_id and gguf_repo_id must differ: each holds one format")
        return self


class Runtime(Section):
    """Where the stages run."""

    default: Literal["host", "docker"]
    gpu: bool
    """Training needs an NVIDIA GPU."""
