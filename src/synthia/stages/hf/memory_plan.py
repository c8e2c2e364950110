"""What of a packed step is kept on the GPU for the backward pass, and how the frozen weights lie there.

Kept are, for each layer, all that its backward pass reads; all but the output of gate and up, a third of
it; or its input alone. What is not kept is computed again, to the same bit. For each step the first of
these is taken that fits; a step for which none does is passed in several parts, each of whole rows. NF4 is
kept, or beside room enough the 16-bit values that it stands for, which saves making them at each use.

Bytes are reckoned from the model's shape. Not covered: what CUDA takes for itself, and Unsloth's plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ALL, MOST, INPUTS = "all", "most", "inputs"
KEPT = (ALL, MOST, INPUTS)
"""All; all but the output of gate and up; each layer's input. The more is kept, the faster."""
NF4, VALUES = "nf4", "values"
CHUNK = 512
"""Labelled positions whose logits are held at once: 311 MB in 32 bit at Qwen's 152,064 tokens."""
SLACK = 2**28
"""Bytes for cuBLAS's workspaces, the batch, and holes between what is allocated."""
USED = 0.97
"""Share of the memory that is there which a plan may take."""
MOMENTS = 12
"""Bytes of a trained number beside itself and its copy in the type of what is computed: its gradient and
Adam's two moments in 32 bit."""


def filled(rank: int) -> int:
    """The ranks that an adapter takes in products: Triton's want a power of two, and 16 at least."""
    return max(16, 1 << (rank - 1).bit_length())


@dataclass(frozen=True)
class Shape:
    """What a model's config.json says of its size, and the adapters' ranks and trained numbers."""

    layers: int
    hidden: int
    queries: int
    keys: int
    heads: int
    inner: int
    vocabulary: int
    rank: int
    trained: int
    itemsize: int = 2

    @classmethod
    def of(cls, config: Mapping[str, Any], rank: int, trained: int, itemsize: int = 2) -> "Shape":
        """Read a config.json of Qwen2's or Llama's kind."""
        heads = config["num_attention_heads"]
        width = config.get("head_dim") or config["hidden_size"] // heads
        return cls(
            layers=config["num_hidden_layers"],
            hidden=config["hidden_size"],
            queries=heads * width,
            keys=(config.get("num_key_value_heads") or heads) * width,
            heads=heads,
            inner=config["intermediate_size"],
            vocabulary=config["vocab_size"],
            rank=filled(rank),
            trained=trained,
            itemsize=itemsize,
        )

    def kept(self, kept: str) -> int:
        """Bytes of one token in one layer from the forward to the backward pass."""
        if kept == INPUTS:
            return self.itemsize * self.hidden
        values = 2 * self.hidden + 2 * self.queries + 2 * self.keys + 7 * self.rank
        values += 0 if kept == MOST else 2 * self.inner
        return self.itemsize * values + 4 * self.heads

    def passing(self, kept: str) -> int:
        """Bytes of one token beyond what is kept, while one layer is passed backward."""
        values = self.inner + 4 * self.hidden + (2 * self.inner if kept == MOST else 0)
        again = self.kept(ALL) if kept == INPUTS else 0
        return self.itemsize * values + again

    def peak(self, kept: str, tokens: int, labelled: int) -> int:
        """Bytes beyond weights and moments when most is there, in a pass of so many tokens."""
        logits = min(labelled, CHUNK) * self.vocabulary * (self.itemsize + 8)
        head = logits + self.itemsize * self.hidden * (tokens + 3 * labelled)
        lasting = tokens * (self.layers * self.kept(kept) + self.itemsize * self.hidden)
        return lasting + max(head, tokens * self.passing(kept))


@dataclass
class Plan:
    """What to keep in each step of a training."""

    shape: Shape
    weights: str
    """NF4 or VALUES."""
    fixed: int
    """Bytes that are there in every step: weights, adapters, moments, and the slack."""
    room: int
    """Bytes that PyTorch may take in all."""
    forced: str = ""
    """What is kept whether it seems to fit or not; "" chooses for each step."""
    used: dict[str, int] = field(default_factory=dict)
    """Steps by what was kept in them, for run.json."""
    reckoned: int = 0
    """The most bytes that a step so far was reckoned to take."""

    def peak(self, kept: str, tokens: int, labelled: int) -> int:
        """Bytes that PyTorch holds at most in a step of one pass."""
        return self.fixed + self.shape.peak(kept, tokens, labelled)

    def ways(self, rows: Sequence[tuple[int, int]]) -> tuple[str, list[int]]:
        """What is kept for a step of rows (tokens, labelled ones), and how many rows each pass has.

        Raises ValueError for a row that fits alone by no means.
        """
        if self.forced:
            return self.forced, [len(rows)]
        tokens, labelled = (sum(column) for column in zip(*rows, strict=True))
        for kept in KEPT:
            if self.peak(kept, tokens, labelled) <= self.room:
                return kept, [len(rows)]
        passes: list[list[tuple[int, int]]] = []
        for row in rows:
            if self.peak(INPUTS, *row) > self.room:
                raise ValueError(row[0])
            now = [*passes[-1], row] if passes else []
            if now and self.peak(INPUTS, *map(sum, zip(*now, strict=True))) <= self.room:
                passes[-1] = now
            else:
                passes.append([row])
        return INPUTS, [len(one) for one in passes]

    def probed(self, tokens: int) -> int:
        """How many ends of so many tokens are probed at once, of 8: transformers' own layers do it.

        Besides gate's and up's output there are PEFT's sums in 32 bit, 16 bytes in all for each of theirs.
        """
        most = (self.room - self.fixed) // (16 * self.shape.inner * tokens)
        return max(1, min(8, most))

    def note(self, kept: str, passes: Sequence[Sequence[tuple[int, int]]]) -> None:
        """Remember a step that was done this way."""
        name = kept if len(passes) == 1 else f"{kept}, {len(passes)} passes"
        self.used[name] = self.used.get(name, 0) + 1
        most = max(self.peak(kept, *map(sum, zip(*one, strict=True))) for one in passes)
        self.reckoned = max(self.reckoned, most)

    def lower(self, kept: str, passes: Sequence[Sequence[tuple[int, int]]]) -> None:
        """Keep less from now on: so little that this would not have been chosen."""
        if self.forced and self.forced != INPUTS:
            self.forced = KEPT[KEPT.index(self.forced) + 1]
            return
        self.forced = ""
        most = max(self.peak(kept, *map(sum, zip(*one, strict=True))) for one in passes)
        self.room = min(self.room, most) - 1


def make(
    shape: Shape,
    memory: str,
    rows: Sequence[tuple[int, int]],
    rows_a_step: int,
    *,
    free: int,
    taken: int,
    values: int,
) -> Plan:
    """Plan a training of rows (tokens, labelled ones).

    `free` are the bytes that PyTorch may still take, `taken` those that it has, with the weights as they
    were loaded, `values` those that NF4's values would take beyond NF4's, 0 where the weights are no NF4.
    The values are kept where a step of mean length then still keeps all.
    """
    room = int(USED * (free + taken))
    fixed = taken + (MOMENTS + shape.itemsize) * shape.trained + SLACK
    kept, _, weights = memory.partition("-")
    if memory == "auto":
        mean, labelled = (
            rows_a_step * sum(column) // len(rows) for column in zip(*rows, strict=True)
        )
        fits = fixed + values + shape.peak(ALL, mean, labelled) <= room
        kept, weights = "", VALUES if fits else NF4
    return Plan(shape, weights, fixed + (values if weights == VALUES else 0), room, forced=kept)


def said(plan: Plan, rows: Sequence[tuple[int, int]], rows_a_step: int, *, nf4: bool) -> str:
    """The plan in one line, with its estimate for the mean and the longest step. Raises ValueError."""
    longest = sorted(rows, reverse=True)[:rows_a_step]
    totals = [rows_a_step * sum(column) // len(rows) for column in zip(*rows, strict=True)]
    shares = [[(total + row) // rows_a_step for row in range(rows_a_step)] for total in totals]
    mean = list(zip(*shares, strict=True))  # rows of equal length, since one row alone may not fit
    parts = []
    for name, step in (("mean", mean), ("longest possible", longest)):
        kept, passes = plan.ways(step)
        tokens, labelled = (sum(column) for column in zip(*step, strict=True))
        if len(passes) == 1:
            size = f"{plan.peak(kept, tokens, labelled) / 2**30:.1f} GiB"
        else:
            size = f"{plan.room / 2**30:.1f} GiB at most in {len(passes)} passes"
        what = {ALL: "all", MOST: "all but gate and up", INPUTS: "each layer's input"}[kept]
        parts.append(f"step of {name} length ({tokens:,} tokens) keeps {what}, {size}")
    weights = ""
    if nf4:
        weights = "NF4's values in 16 bit; " if plan.weights == VALUES else "NF4 as it is; "
    return f"memory plan: {weights}{'; '.join(parts)}; {plan.room / 2**30:.1f} GiB may be taken"
