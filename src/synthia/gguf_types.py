"""The types that llama-quantize offers, and how far a file of each may be from the merged model.

Names are llama.cpp's (`QUANT_OPTIONS` in tools/quantize/quantize.cpp of the locked source), accepted
in any case. Everything else about a type is derived from its name, so that a recipe uses one by
naming it: the bits of a weight, whether it packs blocks of 256 weights, the file's name, and the
limits of the gates F, which a recipe may set otherwise (`[evaluate.fidelity.<TYPE>]`).

Not covered: running llama-quantize (`synthia.stages.convert`).
"""

import difflib
import re

TYPES = (
    "F32", "F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q5_K_S", "Q5_1", "Q5_0", "Q4_K_M", "Q4_K_S",
    "IQ4_NL", "IQ4_XS", "Q4_1", "Q4_0", "MXFP4_MOE", "Q3_K_L", "Q3_K_M", "Q3_K_S", "IQ3_M", "IQ3_S",
    "IQ3_XS", "IQ3_XXS", "Q2_K", "Q2_K_S", "Q2_0", "IQ2_M", "IQ2_S", "IQ2_XS", "IQ2_XXS", "TQ2_0",
    "TQ1_0", "IQ1_M", "IQ1_S", "Q1_0",
)  # fmt: skip
ALIASES = {"Q3_K": "Q3_K_M", "Q4_K": "Q4_K_M", "Q5_K": "Q5_K_M"}
NEED_IMATRIX = ("IQ3_XXS", "IQ2_M", "IQ2_S", "IQ2_XS", "IQ2_XXS", "IQ1_M", "IQ1_S", "Q2_K_S")
"""llama-quantize refuses these without an importance matrix (`tensor_requires_imatrix`)."""
LIMITS = (
    (16, {"min_top1": 0.99, "max_nmse": 1e-3}),
    (8, {"min_top1": 0.97, "max_kld": 0.005}),
    (6, {"min_top1": 0.95, "max_kld": 0.01}),
    (5, {"min_top1": 0.94, "max_kld": 0.02}),
    (4, {"min_top1": 0.90, "max_kld": 0.05}),
    (3, {"min_top1": 0.80, "max_kld": 0.25}),
    (2, {"min_top1": 0.70, "max_kld": 0.5}),
    (1, {"min_top1": 0.50, "max_kld": 1.5}),
)
"""Limits from so many bits up. From two bits on they are one to four times the mean KLD (nats) that
llama.cpp's tools/perplexity/README.md measures on Llama 3 8B: Q8_0 0.0014, Q6_K 0.0055, Q5_K_M 0.011,
Q4_K_M 0.031, Q3_K_S 0.23, Q2_K 0.45, with the same first choice at 97.7, 96.0, 94.7, 91.9, -, 71.1 %
of the tokens. Of one bit it says nothing: there the limits tell a working file from a broken one."""


def normalise(name: str) -> str:
    """llama.cpp's spelling of a type. Raises ValueError, which names the nearest type."""
    wanted = name.strip().upper()
    wanted = ALIASES.get(wanted, wanted)
    if wanted in TYPES:
        return wanted
    near = difflib.get_close_matches(wanted, TYPES, n=1, cutoff=0.5)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise ValueError(f"{name!r} is no type of llama-quantize.{meant} It offers {', '.join(TYPES)}")


def bits(kind: str) -> int:
    """Bits of a weight, as the type's name has them, without what its blocks add."""
    (digits,) = re.findall(r"^\D+(\d+)", kind)
    return int(digits)


def in_blocks_of_256(kind: str) -> bool:
    """Whether a type packs 256 weights of a row at a time: K-quants, i-quants, ternary types."""
    return kind != "IQ4_NL" and (kind.startswith(("IQ", "TQ")) or "_K" in kind)


def limits(kind: str) -> dict[str, float]:
    """What the gates F allow a file of this type when the recipe does not say."""
    return next(found for least, found in LIMITS if bits(kind) >= least)


def file_name(name: str, kind: str) -> str:
    """The file of a type in `gguf/`, as the Hub and LM Studio show and read it.

    `name` is the model's, "Synthia Coder 7B". The Hub and llama.cpp's -hf read the type from the end.
    """
    return f"{name.replace(' ', '-')}-{kind}.gguf"
