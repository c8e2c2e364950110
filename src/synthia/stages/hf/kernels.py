"""What a decoder layer computes between its matrix products, forward and backward.

On a GPU by Triton (`synthia.stages.hf.triton_kernels`), elsewhere in plain PyTorch. Rows are tokens: states
are [tokens, width], contiguous. Where a function may write into what it was given, it says so; use what it
returns.

Not covered: products and attention, see `synthia.stages.hf.fused_layer`.
"""

from typing import Any

import torch

TILE = (32, 128)
"""Tokens and columns of one program of SwiGLU's kernels."""


def _on_gpu(x: torch.Tensor) -> bool:
    return bool(x.is_cuda)


def _triton() -> Any:
    from synthia.stages.hf import triton_kernels  # Triton is there where a GPU may be

    return triton_kernels


def _power(number: int) -> int:
    return 1 << (number - 1).bit_length()


def norm(
    x: torch.Tensor, weight: torch.Tensor, eps: float, added: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """The sum x + added (x itself without it), and its root mean square norm times `weight`."""
    if not _on_gpu(x):
        total = x if added is None else x + added
        wide = total.float()
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + eps)
        return total, weight * wide.to(x.dtype)
    rows, width = x.shape
    normed = torch.empty_like(x)
    total = x if added is None else torch.empty_like(x)
    given = (x, x if added is None else added, weight, total, normed, width, eps)
    _triton().norm[(rows,)](*given, added is not None, _power(width), num_warps=8)
    return total, normed


def norm_backward(
    x: torch.Tensor, weight: torch.Tensor, given: torch.Tensor, residual: torch.Tensor, eps: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradient of x from that of its norm (`given`), plus `residual`; and the norm's output again."""
    if not _on_gpu(x):
        wide = x.float()
        inverse = torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + eps)
        wide = wide * inverse
        gradient = given.float() * weight.float()
        found = inverse * (gradient - wide * (gradient * wide).mean(-1, keepdim=True))
        return (residual.float() + found).to(x.dtype), weight * wide.to(x.dtype)
    rows, width = x.shape
    out, normed = torch.empty_like(x), torch.empty_like(x)
    _triton().norm_backward[(rows,)](
        x, weight, given, residual, out, normed, width, eps, _power(width), num_warps=8
    )
    return out, normed


def rotate(
    x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, heads: int, *, back: bool = False
) -> torch.Tensor:
    """Rotary positions on the first `heads` heads of x, which may be written into; `back` turns back.

    cos and sin are [tokens, width of a head], both halves alike.
    """
    width = cos.shape[1]
    if not _on_gpu(x):
        turned = x[:, : heads * width].view(len(x), heads, width)
        one, two = turned.chunk(2, dim=-1)
        s = (-sin if back else sin)[:, None]
        turned = turned * cos[:, None] + torch.cat((-two, one), dim=-1) * s
        return torch.cat((turned.view(len(x), -1), x[:, heads * width :]), dim=1)
    sign = -1.0 if back else 1.0
    _triton().rotate[(len(x),)](
        x, cos, sin, sign, x.stride(0), heads, width // 2, _power(heads), num_warps=4
    )
    return x


def _gate_and_up(
    both: torch.Tensor, low: torch.Tensor, b_gate: torch.Tensor, b_up: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    gate, up = both.float().chunk(2, dim=-1)
    low_gate, low_up = low.float().chunk(2, dim=-1)
    return gate + low_gate @ b_gate.float().t(), up + low_up @ b_up.float().t()


def swiglu(
    both: torch.Tensor, low: torch.Tensor, b_gate: torch.Tensor, b_up: torch.Tensor
) -> torch.Tensor:
    """silu(gate) * up [tokens, width] of `both` [tokens, 2 width], which lacks the adapters' part.

    That is low [tokens, 2 rank], half by half, times b_gate and b_up [width, rank].
    """
    if not _on_gpu(both):
        gate, up = _gate_and_up(both, low, b_gate, b_up)
        return (torch.nn.functional.silu(gate) * up).to(both.dtype)
    rows, width = both.shape[0], both.shape[1] // 2
    out = torch.empty(rows, width, device=both.device, dtype=both.dtype)
    grid = (-(-width // TILE[1]), -(-rows // TILE[0]))
    _triton().swiglu[grid](
        both, low, b_gate, b_up, out, rows, width, b_gate.shape[1], *TILE, num_warps=4
    )
    return out


def swiglu_backward(
    both: torch.Tensor,
    given: torch.Tensor,
    low: torch.Tensor,
    b_gate: torch.Tensor,
    b_up: torch.Tensor,
    low_down: torch.Tensor,
    a_down: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradients of gate and up [tokens, 2 width], and the activation again; both inputs are written into.

    `given` is the activation's gradient without what comes through the next adapter, low_down @ a_down.
    """
    if not _on_gpu(both):
        gate, up = _gate_and_up(both, low, b_gate, b_up)
        gradient = given.float() + low_down.float() @ a_down.float()
        sigmoid = torch.sigmoid(gate)
        silu = gate * sigmoid
        slope = gradient * up * (sigmoid * (1 + gate * (1 - sigmoid)))
        return torch.cat((slope, gradient * silu), -1).to(both.dtype), (silu * up).to(both.dtype)
    rows, width = given.shape
    grid = (-(-width // TILE[1]), -(-rows // TILE[0]))
    given_all = (both, given, low, b_gate, b_up, low_down, a_down, rows, width)
    _triton().swiglu_backward[grid](*given_all, b_gate.shape[1], *TILE, num_warps=4)
    return both, given
