"""A decoder layer of Qwen2's or Llama's kind with LoRA on frozen weights, and its own backward pass.

It computes what transformers' layer with PEFT's adapters computes, on their own parameters: products of the
same input are one product, what stands between products is one kernel (`synthia.stages.hf.kernels`), and
only what the backward pass cannot do without is kept for it. How much that is (`memory_plan.KEPT`) changes
memory and speed, and no bit of loss and gradients.

Not covered: dropout, biases other than those of q, k and v, norms of queries and keys, windows of attention
(`synthia.stages.hf.engine` refuses them), and evaluation, which transformers' own layer does.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint

from synthia.stages.hf import kernels, memory_plan
from synthia.stages.hf.memory_plan import INPUTS, MOST

Attend = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


class Group:
    """Linear layers that read the same input, as one product [tokens, sum of outputs]."""

    def __init__(self, parent: Any, names: Sequence[str], *, values: bool) -> None:
        """Gather `parent`'s layers. With `values` NF4 becomes the 16-bit values that it stands for."""
        linear = [getattr(parent, name) for name in names]
        self.bases = [getattr(layer, "base_layer", layer) for layer in linear]
        self.sizes = [base.out_features for base in self.bases]
        # Looked up once: PEFT's attributes take longer to find than a product to start.
        self.adapters = [_lora(layer) for layer in linear]
        self.trained = [weight for lora in self.adapters if lora for weight in lora[:2]]
        ranks = [len(lora[0]) for lora in self.adapters if lora]
        self.rank = memory_plan.filled(max(ranks, default=1))
        biases = [base.bias for base in self.bases]
        self.bias = None if biases[0] is None else torch.cat([bias.detach() for bias in biases])
        self.whole: torch.Tensor | None = None
        self.a = torch.empty(0)
        self.b: list[torch.Tensor] = []
        if values or not hasattr(self.bases[0].weight, "quant_state"):
            self._stack(parent, names, linear)

    def _stack(self, parent: Any, names: Sequence[str], linear: Sequence[Any]) -> None:
        """Put the weights one below the other, and let the layers look into them."""
        first = self.bases[0].weight
        kind = first.quant_state.dtype if hasattr(first, "quant_state") else first.dtype
        shape = (sum(self.sizes), self.bases[0].in_features)
        self.whole = torch.empty(shape, dtype=kind, device=first.device)
        parts = self.whole.split(self.sizes)
        for name, layer, base, part in zip(names, linear, self.bases, parts, strict=True):
            _values(base.weight, part)
            plain = torch.nn.Linear(shape[1], len(part), bias=False, device="meta")
            plain.weight = torch.nn.Parameter(part, requires_grad=False)
            plain.bias = base.bias
            if layer is base:
                setattr(parent, name, plain)
            else:
                layer.base_layer = plain
        self.bases = [getattr(parent, name) for name in names]
        self.bases = [getattr(layer, "base_layer", layer) for layer in self.bases]

    def weight(self) -> torch.Tensor:
        """The frozen weight [sum of outputs, inputs], made from NF4 where it is not kept."""
        if self.whole is not None:
            return self.whole
        first = self.bases[0].weight
        shape = (sum(self.sizes), self.bases[0].in_features)
        whole = torch.empty(shape, dtype=first.quant_state.dtype, device=first.device)
        for base, part in zip(self.bases, whole.split(self.sizes), strict=True):
            _values(base.weight, part)
        return whole

    def refresh(self, kind: torch.dtype) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Where A and B are to be copied to for this step's products, and from where: `refresh` below.

        `a` is A of all layers [layers x rank, inputs], `b` B of each [outputs, rank], with zeros beyond an
        adapter's rank.
        """
        if not self.b:
            where = self.bases[0].weight.device
            wide = (len(self.sizes) * self.rank, self.bases[0].in_features)
            self.a = torch.zeros(wide, dtype=kind, device=where)
            self.b = [torch.zeros(size, self.rank, dtype=kind, device=where) for size in self.sizes]
        pairs = []
        for number, (lora, b) in enumerate(zip(self.adapters, self.b, strict=True)):
            if lora is not None:
                a_weight, b_weight, scale = lora
                pairs.append((self.a[number * self.rank :][: len(a_weight)], a_weight))
                pairs.append((b[:, : len(a_weight)], b_weight if scale == 1 else b_weight * scale))
        return pairs

    def forward(
        self, x: torch.Tensor, low: torch.Tensor, b: Sequence[torch.Tensor]
    ) -> torch.Tensor:
        """The frozen weight times x, plus the adapters' part where `b` is given; low is x times A."""
        weight = self.weight().t()
        out = torch.mm(x, weight) if self.bias is None else torch.addmm(self.bias, x, weight)
        if b:
            for columns, lows, part in zip(self.parts(out), self.lows(low), b, strict=True):
                columns.addmm_(lows, part.t())
        return out

    def parts(self, out: torch.Tensor) -> Sequence[torch.Tensor]:
        """Each layer's columns of an output, or of its gradient."""
        return (out,) if len(self.sizes) == 1 else torch.split_with_sizes(out, self.sizes, 1)

    def lows(self, low: torch.Tensor) -> Sequence[torch.Tensor]:
        """Each layer's columns of x times A."""
        ranks = [self.rank] * len(self.sizes)
        return (low,) if len(ranks) == 1 else torch.split_with_sizes(low, ranks, 1)

    def low_backward(
        self, given: torch.Tensor, low: torch.Tensor
    ) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Gradient of `low` from that of the output, and of each B, already scaled."""
        parts = self.parts(given)
        thin = [torch.mm(part, b) for part, b in zip(parts, self.b, strict=True)]
        slopes = [_wide(part.t(), one) for part, one in zip(parts, self.lows(low), strict=True)]
        return (thin[0] if len(thin) == 1 else torch.cat(thin, dim=1)), slopes

    def backward(self, given: torch.Tensor, d_low: torch.Tensor | None) -> torch.Tensor:
        """Gradient of the input: through the frozen weight, and with `d_low` through the adapters."""
        out = torch.mm(given, self.weight())
        return out if d_low is None else out.addmm_(d_low, self.a)

    def gradients(self, d_a: torch.Tensor, d_b: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """What `trained` get, from the gradients of `a` and `b`."""
        found: list[torch.Tensor] = []
        ranks = [self.rank] * len(self.sizes)
        parts = torch.split_with_sizes(d_a, ranks)
        for lora, part, slope in zip(self.adapters, parts, d_b, strict=True):
            if lora is not None:
                a_weight, b_weight, scale = lora
                rank = len(a_weight)
                of_b = slope[:, :rank].to(b_weight.dtype)
                found += [part[:rank].to(a_weight.dtype), of_b if scale == 1 else of_b * scale]
        return found


def _wide(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Their product in 32 bit, as gradients of adapters are wanted."""
    if one.is_cuda and one.dtype != torch.float32:
        return torch.mm(one, other, out_dtype=torch.float32)
    return torch.mm(one, other).float()


def _lora(layer: Any) -> tuple[torch.Tensor, torch.Tensor, float] | None:
    """A [rank, inputs], B [outputs, rank] and the scale of PEFT's layer; None without an adapter."""
    if not hasattr(layer, "lora_A"):
        return None
    (name,) = layer.active_adapters
    return layer.lora_A[name].weight, layer.lora_B[name].weight, layer.scaling[name]


def _values(weight: Any, out: torch.Tensor) -> None:
    """Write a layer's weight into `out`: NF4's values, or what it is."""
    if not hasattr(weight, "quant_state"):
        out.copy_(weight)
        return
    from bitsandbytes.functional import dequantize_4bit

    dequantize_4bit(weight.data, weight.quant_state, out=out)


class FusedLayer:
    """transformers' decoder layer, computed here. Its parameters stay where they are."""

    def __init__(self, layer: Any, *, values: bool) -> None:
        attention, mlp = layer.self_attn, layer.mlp
        self.qkv = Group(attention, ("q_proj", "k_proj", "v_proj"), values=values)
        self.o = Group(attention, ("o_proj",), values=values)
        self.gate_up = Group(mlp, ("gate_proj", "up_proj"), values=values)
        self.down = Group(mlp, ("down_proj",), values=values)
        # One rank for both sides of SwiGLU, whose kernel adds gate's, up's and down's parts.
        self.gate_up.rank = self.down.rank = max(self.gate_up.rank, self.down.rank)
        self.later = (*self.o.trained, *self.gate_up.trained, *self.down.trained)
        self.width = attention.head_dim
        self.first, self.second = layer.input_layernorm, layer.post_attention_layernorm

    def __call__(
        self, h: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, attend: Attend, kept: str
    ) -> torch.Tensor:
        """Hidden states [tokens, hidden] after the layer; `attend` gets q, k, v [tokens, heads, width]."""
        if kept == INPUTS and torch.is_grad_enabled():
            # Nothing here is drawn at random, so no state of a generator has to be kept.
            out: torch.Tensor = checkpoint(
                self._run, h, cos, sin, attend, kept, use_reentrant=False, preserve_rng_state=False
            )
            return out
        return self._run(h, cos, sin, attend, kept)

    def _run(
        self, h: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, attend: Attend, kept: str
    ) -> torch.Tensor:
        with torch.autocast(h.device.type, enabled=False):
            q, k, v, h = _Before.apply(h, cos, sin, self, *self.qkv.trained)
            o = attend(q, k, v).reshape(len(h), -1)
            out: torch.Tensor = _After.apply(h, o, self, kept, *self.later)
        return out


def refresh(layers: Sequence[FusedLayer], kind: torch.dtype) -> None:
    """Take the adapters as they are now, in the type of what is computed: before each forward pass."""
    with torch.no_grad():
        pairs = [
            pair
            for layer in layers
            for group in (layer.qkv, layer.o, layer.gate_up, layer.down)
            for pair in group.refresh(kind)
        ]
        # One kernel for many small tensors; it wants them whole.
        targets, sources = zip(*pairs, strict=True)
        torch._foreach_copy_(list(targets), list(sources))


class _Before(torch.autograd.Function):  # type: ignore[misc]
    """From hidden states to rotated queries, keys and values; the states are handed on as well.

    So what comes back for them is added where their gradient is made.
    """

    @staticmethod
    def forward(
        ctx: Any, h: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, layer: FusedLayer, *_: Any
    ) -> tuple[torch.Tensor, ...]:
        group = layer.qkv
        normed = kernels.norm(h, layer.first.weight, layer.first.variance_epsilon)[1]
        low = torch.mm(normed, group.a.t())
        qkv = group.forward(normed, low, group.b)
        heads = (group.sizes[0] + group.sizes[1]) // layer.width
        qkv = kernels.rotate(qkv, cos, sin, heads)
        ctx.save_for_backward(h, cos, sin, low)
        ctx.layer = layer
        q, k, v = (part.view(len(h), -1, layer.width) for part in qkv.split(group.sizes, dim=1))
        return q, k, v, h.view_as(h)

    @staticmethod
    def backward(ctx: Any, *given: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        layer: FusedLayer = ctx.layer
        group = layer.qkv
        h, cos, sin, low = ctx.saved_tensors
        flat = torch.cat([part.reshape(len(h), -1) for part in given[:3]], dim=1)
        heads = (group.sizes[0] + group.sizes[1]) // layer.width
        flat = kernels.rotate(flat, cos, sin, heads, back=True)
        d_low, d_b = group.low_backward(flat, low)
        d_normed = group.backward(flat, d_low)
        norm = layer.first
        d_h, normed = kernels.norm_backward(
            h, norm.weight, d_normed, given[3].contiguous(), norm.variance_epsilon
        )
        d_a = _wide(d_low.t(), normed)
        return d_h, None, None, None, *group.gradients(d_a, d_b)


class _After(torch.autograd.Function):  # type: ignore[misc]
    """From attention's output to the layer's: both residual sums, the second norm and the MLP."""

    @staticmethod
    def forward(
        ctx: Any, h: torch.Tensor, o: torch.Tensor, layer: FusedLayer, kept: str, *_: Any
    ) -> torch.Tensor:
        norm = layer.second
        low_o = torch.mm(o, layer.o.a.t())
        added = layer.o.forward(o, low_o, layer.o.b)
        h, normed = kernels.norm(h, norm.weight, norm.variance_epsilon, added)
        del added
        low_gu = torch.mm(normed, layer.gate_up.a.t())
        both = layer.gate_up.forward(normed, low_gu, ())
        del normed
        active = kernels.swiglu(both, low_gu, *layer.gate_up.b)
        low_d = torch.mm(active, layer.down.a.t())
        saved = (None if kept == MOST else both, o, h, low_o, low_gu, low_d)
        del both
        out = layer.down.forward(active, low_d, layer.down.b)
        ctx.save_for_backward(*saved)
        ctx.layer = layer
        return out.add_(h)

    @staticmethod
    def backward(ctx: Any, given: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        layer: FusedLayer = ctx.layer
        norm = layer.second
        both, o, h, low_o, low_gu, low_d = ctx.saved_tensors
        given = given.contiguous()
        if both is None:
            normed = kernels.norm(h, norm.weight, norm.variance_epsilon)[1]
            both = layer.gate_up.forward(normed, low_gu, ())
            del normed
        d_low, slopes_d = layer.down.low_backward(given, low_d)
        d_active = layer.down.backward(given, None)
        # Written into what was kept: a graph is walked backward once.
        b_gate, b_up = layer.gate_up.b
        d_both, active = kernels.swiglu_backward(
            both, d_active, low_gu, b_gate, b_up, d_low, layer.down.a
        )
        del both, d_active
        of_down = layer.down.gradients(_wide(d_low.t(), active), slopes_d)
        del active
        d_low, slopes = layer.gate_up.low_backward(d_both, low_gu)
        d_normed = layer.gate_up.backward(d_both, d_low)
        del d_both
        d_h, normed = kernels.norm_backward(h, norm.weight, d_normed, given, norm.variance_epsilon)
        of_gate_up = layer.gate_up.gradients(_wide(d_low.t(), normed), slopes)
        del d_normed, normed
        d_low, slopes_o = layer.o.low_backward(d_h, low_o)
        d_o = layer.o.backward(d_h, d_low)
        of_o = layer.o.gradients(_wide(d_low.t(), o), slopes_o)
        return d_h, d_o, None, None, *of_o, *of_gate_up, *of_down
