"""The rows of one optimizer step in one pass: laid end to end, without padding, none seeing another.

An optimizer step has the same rows, the same labels and the same loss as rows passed one at a time, the
sum over its labels divided by their number; only the order of sums differs. On a GPU attention runs in
PyTorch's variable-length kernel, elsewhere in its plain one, row by row. Trained rows of embedding and
head (`synthia.stages.hf.token_rows`) are put beside the frozen table, not into a copy of it, which PEFT
makes at every use: 1.1 GB, and its gradient, for a 7B model's head.

Not covered: choosing which rows make a step (Trainer's sampler), which of them this process passes
(`synthia.stages.hf.data_parallel`), and what is kept for the backward pass
(`synthia.stages.hf.memory_plan`).
"""

import gc
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from trl import SFTTrainer

from synthia import terminal
from synthia.errors import MissingRequirement
from synthia.stages.hf import kernels, load_model, memory_plan
from synthia.stages.hf.data_parallel import ALONE, Share
from synthia.stages.hf.fused_layer import FusedLayer, refresh
from synthia.stages.hf.memory_plan import CHUNK, Plan, Shape

IGNORED = -100
SUMMED = 4
"""Bytes of a trained number's gradient, which is there twice while those of several GPUs are summed."""
Rows = list[tuple[int, int]]


@dataclass(frozen=True)
class Step:
    """All rows of an optimizer step, whichever process passes them."""

    examples: Sequence[Mapping[str, Sequence[int]]]

    @property
    def tokens(self) -> int:
        """How many tokens they have."""
        return sum(len(example["input_ids"]) for example in self.examples)

    @property
    def labels(self) -> int:
        """How many labels are predicted in them."""
        return sum(labelled(example["labels"]) for example in self.examples)


def rows_of(batch: Mapping[str, Any]) -> Iterator[tuple[list[int], list[int], int]]:
    """Ids, labels and length of each row of a batch's step, those of other processes too."""
    for example in batch["step"].examples:
        ids = list(example["input_ids"])
        yield ids, list(example["labels"]), len(ids)


def collate(step: Sequence[Mapping[str, Sequence[int]]], share: Share = ALONE) -> dict[str, Any]:
    """One batch of this process's rows of a step: ids, labels, positions [1, total], and rows' ends.

    No label is predicted from another row's last token: the first of each row is ignored. `before` are
    the positions that predict a label, `wanted` these labels, `rows` each row's tokens and labels.
    """
    examples = [step[row] for row in share.of([len(example["input_ids"]) for example in step])]
    lengths = [len(example["input_ids"]) for example in examples]
    ends = torch.tensor([0, *itertools.accumulate(lengths)], dtype=torch.int32)
    labels = torch.tensor(
        [[label for example in examples for label in example["labels"]]], dtype=torch.long
    )
    labels[0, ends[:-1].long()] = IGNORED
    before = (labels[0, 1:] != IGNORED).nonzero()[:, 0]
    counts = [int((part != IGNORED).sum()) for part in labels[0].split(lengths)]
    return {
        "input_ids": torch.tensor(
            [[token for example in examples for token in example["input_ids"]]], dtype=torch.long
        ),
        "labels": labels,
        "position_ids": torch.cat([torch.arange(length) for length in (0, *lengths)])[None],
        "cu_seq_lens_q": ends,
        "max_length_q": max(lengths, default=0),
        "before": before,
        "wanted": labels[0, 1:][before],
        "rows": list(zip(lengths, counts, strict=True)),
        "step": Step(step),
    }


def part(batch: Mapping[str, Any], first: int, last: int) -> dict[str, Any]:
    """A batch of the rows from `first` to before `last` of a batch."""
    rows: Rows = batch["rows"]
    begin, end = (sum(tokens for tokens, _ in rows[:at]) for at in (first, last))
    one, other = (sum(labels for _, labels in rows[:at]) for at in (first, last))
    return {
        **{name: batch[name][:, begin:end] for name in ("input_ids", "labels", "position_ids")},
        "cu_seq_lens_q": batch["cu_seq_lens_q"][first : last + 1] - begin,
        "max_length_q": max(tokens for tokens, _ in rows[first:last]),
        "before": batch["before"][one:other] - begin,
        "wanted": batch["wanted"][one:other],
        "rows": rows[first:last],
    }


def labelled(labels: Sequence[int]) -> int:
    """How many labels of a row are predicted: its first token is not."""
    return len(labels) - 1 - list(labels[1:]).count(IGNORED)


def plan(
    model: Any, rank: int, memory: str, rows: Rows, rows_a_step: int, processes: int = 1
) -> tuple[Plan, str]:
    """Plan the memory of a training on the GPU that holds PEFT's model; and the plan in one line.

    `rows_a_step` are those that this process passes of a step, `processes` how many share it. On a CPU
    all is kept, and nothing is said. Raises MissingRequirement for a row that does not fit.
    """
    causal = model.get_base_model()
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    kind = causal.get_input_embeddings().weight.dtype
    shape = Shape.of(causal.config.to_dict(), rank, trained, kind.itemsize)
    if model.device.type != "cuda":
        return Plan(shape, memory_plan.NF4, 0, 0, forced=memory_plan.ALL), ""
    free, taken, more = load_model.free_bytes(), torch.cuda.memory_allocated(), _expanded(causal)
    taken += SUMMED * trained if processes > 1 else 0
    made = memory_plan.make(shape, memory, rows, rows_a_step, free=free, taken=taken, values=more)
    ways(made, [max(rows)])
    return made, memory_plan.said(made, rows, rows_a_step, nf4=more > 0)


def _expanded(causal: Any) -> int:
    """Bytes that NF4's values would take of the layers' weights beyond what NF4 does."""
    found = 0
    for weight in causal.model.layers.parameters():
        if (state := getattr(weight, "quant_state", None)) is not None:
            scales = [state.absmax, *([state.state2.absmax] if state.nested else [])]
            now = sum(tensor.nbytes for tensor in (weight.data, *scales))
            found += state.shape.numel() * state.dtype.itemsize - now
    return found


def tokens(model: Any) -> torch.Tensor | None:
    """The ids whose rows are trained, on the model's device; None where none are."""
    adapter = getattr(model.get_base_model().get_input_embeddings(), "token_adapter", None)
    if adapter is None:
        return None
    (name,) = adapter.active_adapters
    return torch.tensor(adapter.token_indices[name], device=model.device)


class PackedSFTTrainer(SFTTrainer):  # type: ignore[misc]
    """SFTTrainer on batches of `collate`, once it was given a plan."""

    def follow(self, plan: Plan, share: Share = ALONE) -> None:
        """Make the layers that are passed, with the frozen weights as the plan says."""
        self.plan, self.kept, self.share = plan, memory_plan.ALL, share
        self.taken = 0
        values = plan.weights == memory_plan.VALUES
        layers = self.model.get_base_model().model.layers
        self.layers = [FusedLayer(layer, values=values) for layer in layers]
        self.tokens = tokens(self.model)
        self.trained = [weight for weight in self.model.parameters() if weight.requires_grad]
        # Trainer lets the module walk through thousands of others for it, while the GPU waits.
        self.model.zero_grad = self.forget

    def forget(self, set_to_none: bool = True) -> None:
        """Drop all gradients."""
        for weight in self.trained:
            weight.grad = None

    def _clip_grad_norm(self, model: Any) -> torch.Tensor:
        """As Trainer does it, which looks for the trained weights twice, through all modules."""
        found: torch.Tensor = self.accelerator.clip_grad_norm_(
            self.trained, self.args.max_grad_norm
        )
        return found

    def floating_point_ops(self, inputs: Mapping[str, Any]) -> int:
        """Nobody reads the number, and counting it takes as long as a layer."""
        return 0

    def training_step(
        self,
        model: Any,
        inputs: dict[str, Any],
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> torch.Tensor:
        """Forward and backward as the plan says; where memory does not suffice, once more with less.

        Raises MissingRequirement where it cannot keep less.
        """
        step: Step = inputs["step"]
        total = self._passed(model, inputs, step.labels)
        # Counted here, where it is known: Trainer would ask the GPU, and wait for it.
        self.state.num_input_tokens_seen += step.tokens
        return self.share.add_up(self.trained, total)

    def _passed(self, model: Any, inputs: dict[str, Any], count: int) -> torch.Tensor:
        """The loss of this process's rows, by the labels of all, with their gradients made."""
        rows: Rows = inputs["rows"]
        if not rows:
            return torch.zeros((), device=model.device)
        while True:
            self.kept, sizes = ways(self.plan, rows)
            bounds = list(itertools.pairwise([0, *itertools.accumulate(sizes)]))
            passes = [rows[first:last] for first, last in bounds]
            try:
                total = self._in_passes(model, inputs, bounds, count)
                self.plan.note(self.kept, passes)
                if model.device.type == "cuda":
                    self.taken = torch.cuda.max_memory_allocated()
                return total
            except torch.OutOfMemoryError:
                pass  # the traceback, and what its frames name, holds what is to be freed
            self.forget()
            gc.collect()
            torch.cuda.empty_cache()
            self.plan.lower(self.kept, passes)
            kept, sizes = ways(self.plan, rows)
            terminal.say(
                f"out of memory at {sum(tokens for tokens, _ in rows):,} tokens keeping {self.kept}: "
                f"the step is passed again keeping {kept}, in passes of {sizes} rows"
            )

    def _in_passes(
        self, model: Any, inputs: dict[str, Any], bounds: list[tuple[int, int]], count: int
    ) -> torch.Tensor:
        """The loss of all rows, pass by pass. Only this frame names what a pass keeps."""
        total = torch.zeros((), device=model.device)
        for first, last in bounds:
            batch = self._prepare_inputs(part(inputs, first, last))
            loss = self.compute_loss(model, batch, num_items_in_batch=count)
            self.accelerator.backward(loss)
            total += loss.detach()
        return total

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> torch.Tensor:
        """Mean negative log likelihood of the labels of a batch of `collate`."""
        count = len(inputs["wanted"]) if num_items_in_batch is None else num_items_in_batch
        batch = {**inputs, "tokens": self.tokens}
        return loss(model.get_base_model(), self.layers, batch, self.kept, int(count))


def ways(plan: Plan, rows: Rows) -> tuple[str, list[int]]:
    """What is kept for a step, and the rows of each pass. Raises MissingRequirement for a row too long."""
    try:
        return plan.ways(rows)
    except ValueError as error:
        raise MissingRequirement(
            f"a row of {error} tokens does not fit into {plan.room / 2**30:.1f} GiB of the GPU's memory "
            "beside the weights: lower data.max_length, or take a larger GPU"
        ) from None


def loss(
    causal: Any, layers: Sequence[FusedLayer], batch: Mapping[str, Any], kept: str, count: int
) -> torch.Tensor:
    """The sum of the labels' negative log likelihood, by `count`, of a batch of `collate`."""
    refresh(layers, causal.get_input_embeddings().weight.dtype)
    table, tokens, rows = _table(causal.get_input_embeddings(), batch)
    ids = batch["input_ids"]
    if rows is None:
        hidden = torch.nn.functional.embedding(ids, table)[0]
    else:
        hidden = _Embed.apply(rows, ids, table, tokens)[0]
    cos, sin = (x[0] for x in causal.model.rotary_emb(hidden, batch["position_ids"]))

    def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return attention(q, k, v, batch)

    for layer in layers:
        hidden = layer(hidden, cos, sin, attend, kept)
    table, tokens, rows = _table(causal.get_output_embeddings(), batch)
    found: torch.Tensor = _Head.apply(hidden, rows, tokens, causal.model.norm, table, batch, count)
    return found


class _Head(torch.autograd.Function):  # type: ignore[misc]
    """The last norm, the head and the loss, of labelled positions alone, some at a time.

    The gradient is made in the forward pass, so that no logits are kept or made twice.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden: torch.Tensor,
        rows: torch.Tensor | None,
        tokens: torch.Tensor | None,
        norm: Any,
        table: torch.Tensor,
        batch: Mapping[str, Any],
        count: int,
    ) -> torch.Tensor:
        before, wanted = batch["before"], batch["wanted"]
        eps, scale = norm.variance_epsilon, 1.0 / max(count, 1)
        there = hidden[before]
        normed = kernels.norm(there, norm.weight, eps)[1]
        d_normed, total = torch.empty_like(normed), torch.zeros((), device=hidden.device)
        own = None if rows is None else rows.to(table.dtype)
        d_rows = None if rows is None else torch.zeros_like(rows)
        for first in range(0, len(normed), CHUNK):
            x, label = normed[first : first + CHUNK], wanted[first : first + CHUNK]
            logits = torch.mm(x, table.t())
            if own is not None:
                logits.index_copy_(1, tokens, torch.mm(x, own.t()))
            wide = torch.log_softmax(logits, dim=-1, dtype=torch.float32)
            at = (torch.arange(len(x), device=x.device), label)
            total -= wide[at].sum()
            wide.exp_()
            wide[at] -= 1.0
            given = wide.mul_(scale).to(x.dtype)
            del logits, wide
            out = d_normed[first : first + CHUNK]
            if own is None or d_rows is None:
                torch.mm(given, table, out=out)
                continue
            theirs = given[:, tokens]
            d_rows += torch.mm(theirs.t(), x).to(d_rows.dtype)
            torch.mm(given.index_fill_(1, tokens, 0.0), table, out=out)
            out.addmm_(theirs, own)
            del given, theirs
        d_there = kernels.norm_backward(there, norm.weight, d_normed, torch.zeros_like(there), eps)[
            0
        ]
        ctx.save_for_backward(torch.zeros_like(hidden).index_copy_(0, before, d_there), d_rows)
        return total * scale

    @staticmethod
    def backward(ctx: Any, given: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        d_hidden, d_rows = ctx.saved_tensors
        of_rows = None if d_rows is None else d_rows * given
        return d_hidden * given.to(d_hidden.dtype), of_rows, None, None, None, None, None


class _Embed(torch.autograd.Function):  # type: ignore[misc]
    """Embeddings [1, total, hidden] of ids [1, total], trained rows among them."""

    @staticmethod
    def forward(
        ctx: Any, rows: torch.Tensor, ids: torch.Tensor, table: torch.Tensor, tokens: torch.Tensor
    ) -> torch.Tensor:
        found = torch.nn.functional.embedding(ids, table)
        one_hot = (ids[0, :, None] == tokens).to(table.dtype)
        ctx.save_for_backward(one_hot)
        theirs = torch.mm(one_hot, rows.to(table.dtype))  # ones and zeros: no rounding
        return torch.where(one_hot.any(dim=1)[:, None], theirs, found)

    @staticmethod
    def backward(ctx: Any, given: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        (one_hot,) = ctx.saved_tensors
        return torch.mm(one_hot.t(), given[0]).float(), None, None, None


def _table(
    layer: Any, batch: Mapping[str, Any]
) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
    """A layer's frozen table, the tokens whose rows are trained, and these; a tied head's are the same."""
    adapter = getattr(layer, "token_adapter", None)
    if adapter is None:
        return layer.weight, None, None
    (name,) = adapter.active_adapters
    return adapter.base_layer.weight, batch["tokens"], adapter.trainable_tokens_delta[name]


def attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, batch: Mapping[str, Any]
) -> torch.Tensor:
    """Causal attention within rows; q, k, v and what comes out are [total, heads, width]."""
    if q.is_cuda:
        from torch.nn.attention.varlen import varlen_attn

        ends, longest = batch["cu_seq_lens_q"], batch["max_length_q"]
        found: torch.Tensor = varlen_attn(q, k, v, ends, ends, longest, longest, is_causal=True)
        return found
    lengths = [tokens for tokens, _ in batch["rows"]]
    done = []
    for row in zip(*(states.split(lengths) for states in (q, k, v)), strict=True):
        one = (states.transpose(0, 1)[None] for states in row)
        out = torch.nn.functional.scaled_dot_product_attention(
            *one, is_causal=True, enable_gqa=True
        )
        done.append(out[0].transpose(0, 1))
    return torch.cat(done)
