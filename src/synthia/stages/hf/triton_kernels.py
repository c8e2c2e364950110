"""Triton kernels of a decoder layer: what stands between its matrix products.

Each reads its inputs once and computes in 32 bit. A sum is made by one program in one order, so the same
input gives the same bits. Lengths are plain arguments: no other length compiles anything anew.

Not covered: the products, which are cuBLAS's, and attention, which is PyTorch's; when a kernel runs and
what it does in plain PyTorch, see `synthia.stages.hf.kernels`.
"""

import triton
import triton.language as tl


@triton.jit(do_not_specialize=["width"])
def norm(x, added, weight, total, normed, width, eps, ADD: tl.constexpr, BLOCK: tl.constexpr):
    """Root mean square norm of one row, of x + added with ADD; the sum is kept as well."""
    row = tl.program_id(0).to(tl.int64) * width
    at = tl.arange(0, BLOCK)
    inside = at < width
    value = tl.load(x + row + at, inside, 0.0).to(tl.float32)
    if ADD:
        value = value + tl.load(added + row + at, inside, 0.0).to(tl.float32)
        value = value.to(total.dtype.element_ty)
        tl.store(total + row + at, value, inside)
        value = value.to(tl.float32)
    value = value * (1.0 / tl.sqrt(tl.sum(value * value) / width + eps))
    value = value.to(normed.dtype.element_ty).to(tl.float32)
    value = value * tl.load(weight + at, inside, 0.0).to(tl.float32)
    tl.store(normed + row + at, value.to(normed.dtype.element_ty), inside)


@triton.jit(do_not_specialize=["width"])
def norm_backward(x, weight, given, residual, out, normed, width, eps, BLOCK: tl.constexpr):
    """The gradient of a row before its norm, with the residual's added; and the norm's output again."""
    row = tl.program_id(0).to(tl.int64) * width
    at = tl.arange(0, BLOCK)
    inside = at < width
    value = tl.load(x + row + at, inside, 0.0).to(tl.float32)
    scale = tl.load(weight + at, inside, 0.0).to(tl.float32)
    gradient = tl.load(given + row + at, inside, 0.0).to(tl.float32) * scale
    inverse = 1.0 / tl.sqrt(tl.sum(value * value) / width + eps)
    value = value * inverse
    found = inverse * (gradient - value * (tl.sum(gradient * value) / width))
    found += tl.load(residual + row + at, inside, 0.0).to(tl.float32)
    tl.store(out + row + at, found.to(out.dtype.element_ty), inside)
    value = value.to(normed.dtype.element_ty).to(tl.float32) * scale
    tl.store(normed + row + at, value.to(normed.dtype.element_ty), inside)


@triton.jit
def rotate(x, cos, sin, sign, stride, heads, HALF: tl.constexpr, HEADS: tl.constexpr):
    """Rotary positions in place: the first `heads` heads of one row, each of 2 HALF numbers."""
    row = tl.program_id(0).to(tl.int64)
    head = tl.arange(0, HEADS)[:, None]
    at = tl.arange(0, HALF)[None]
    c = tl.load(cos + row * 2 * HALF + at).to(tl.float32)
    s = tl.load(sin + row * 2 * HALF + at).to(tl.float32) * sign
    place = x + row * stride + head * 2 * HALF + at
    inside = (head < heads) & (at >= 0)
    one = tl.load(place, inside, 0.0).to(tl.float32)
    two = tl.load(place + HALF, inside, 0.0).to(tl.float32)
    tl.store(place, (one * c - two * s).to(x.dtype.element_ty), inside)
    tl.store(place + HALF, (two * c + one * s).to(x.dtype.element_ty), inside)


@triton.jit
def _gate_and_up(both, low, b_gate, b_up, row, at, inside, filled, width, RANK: tl.constexpr):
    """A tile of gate and up [rows, columns], each with its adapter's part added."""
    rank = tl.arange(0, RANK)
    place = both + row[:, None] * (2 * width) + at[None]
    gate = tl.load(place, inside, 0.0).to(tl.float32)
    up = tl.load(place + width, inside, 0.0).to(tl.float32)
    columns = (at < width)[None] & (rank >= 0)[:, None]
    w_gate = tl.load(b_gate + at[None] * RANK + rank[:, None], columns, 0.0)
    w_up = tl.load(b_up + at[None] * RANK + rank[:, None], columns, 0.0)
    place = low + row[:, None] * (2 * RANK) + rank[None]
    gate += tl.dot(tl.load(place, filled, 0.0), w_gate, input_precision="ieee")
    up += tl.dot(tl.load(place + RANK, filled, 0.0), w_up, input_precision="ieee")
    return gate, up


@triton.jit(do_not_specialize=["rows"])
def swiglu(
    both, low, b_gate, b_up, out, rows, width, RANK: tl.constexpr, R: tl.constexpr, C: tl.constexpr
):
    """silu(gate) * up: a tile of R rows and C columns."""
    row = tl.program_id(1).to(tl.int64) * R + tl.arange(0, R)
    at = tl.program_id(0) * C + tl.arange(0, C)
    inside = (at < width)[None] & (row < rows)[:, None]
    filled = (row < rows)[:, None] & (tl.arange(0, RANK) >= 0)[None]
    gate, up = _gate_and_up(both, low, b_gate, b_up, row, at, inside, filled, width, RANK)
    value = gate * tl.sigmoid(gate) * up
    tl.store(out + row[:, None] * width + at[None], value.to(out.dtype.element_ty), inside)


@triton.jit(do_not_specialize=["rows"])
def swiglu_backward(
    both, given, low, b_gate, b_up, low_down, a_down, rows, width,
    RANK: tl.constexpr, R: tl.constexpr, C: tl.constexpr,
):  # fmt: skip
    """Gradients of gate and up replace them, the activation replaces the gradient `given`.

    `given` still lacks what comes through the down projection's adapter: low_down @ a_down.
    """
    row = tl.program_id(1).to(tl.int64) * R + tl.arange(0, R)
    at = tl.program_id(0) * C + tl.arange(0, C)
    rank = tl.arange(0, RANK)
    inside = (at < width)[None] & (row < rows)[:, None]
    filled = (row < rows)[:, None] & (rank >= 0)[None]
    gate, up = _gate_and_up(both, low, b_gate, b_up, row, at, inside, filled, width, RANK)
    gradient = tl.load(given + row[:, None] * width + at[None], inside, 0.0).to(tl.float32)
    weight = tl.load(
        a_down + rank[:, None] * width + at[None], (at < width)[None] & (rank >= 0)[:, None], 0.0
    )
    through = tl.load(low_down + row[:, None] * RANK + rank[None], filled, 0.0)
    gradient += tl.dot(through, weight, input_precision="ieee")
    sigmoid = tl.sigmoid(gate)
    silu = gate * sigmoid
    kind = both.dtype.element_ty
    slope = gradient * up * (sigmoid * (1 + gate * (1 - sigmoid)))
    place = both + row[:, None] * (2 * width) + at[None]
    tl.store(place, slope.to(kind), inside)
    tl.store(place + width, (gradient * silu).to(kind), inside)
    tl.store(given + row[:, None] * width + at[None], (silu * up).to(kind), inside)
