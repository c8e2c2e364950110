"""Families of base models: how each writes a chat, calls tools and ends a turn, in one table.

A recipe names its family. That says how calls are read from answers, and gives the recipe those of its
keys that it leaves out (`filled`), so that a recipe for another base model is short.

Which tokens are trained is no fact of a family: it is what follows the chat template's own generation
prompt, up to and with the terminator (`synthia.data.chat_format`). `prompt` and `result` say where that
is in the shipped templates; a test holds them to it.

Not covered: reading calls (`synthia.data.call_formats`), and what a single model adds: its name and
revision, and rows of the vocabulary that it never trained.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Name = Literal["qwen2.5", "smollm2", "qwen3", "qwen3-coder", "llama3"]
Calls = Literal["hermes", "qwen3-coder", "llama3"]
"""How a call is written: in JSON between `<tool_call>` marks, in Qwen3-Coder's XML, as JSON alone."""
MODULES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""The linear layers of a decoder layer, by their names in transformers."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """What base models of one family have in common."""

    calls: Calls
    parallel: bool = True
    """A turn may call several tools. Where not, such rows are refused."""
    terminator: str
    """Ends each turn; it is the eos token too, which generation ends with."""
    pad_token: str
    """In the vocabulary, used for nothing, and no stop token."""
    stop_token_ids: tuple[int, ...]
    end_of_text: str
    """Ends a document; llama.cpp stops at it by its spelling."""
    chat_template: str
    ollama_template: str | None = None
    """The same as a Go template; without one Ollama looks for a template of its own."""
    target_modules: tuple[str, ...] = MODULES
    """LoRA's, as PEFT names them."""
    prompt: str
    """What a generation prompt ends with; the answer, which is trained, follows."""
    result: str
    """What stands before a tool's result."""


CHATML = "<|im_start|>assistant\n"
RESPONSE = "<|im_start|>user\n<tool_response>\n"
QWEN: dict[str, Any] = {
    "terminator": "<|im_end|>",
    # Qwen's own pad, <|endoftext|>, is a stop token.
    "pad_token": "<|vision_pad|>",
    "stop_token_ids": (151645, 151643),
    "end_of_text": "<|endoftext|>",
    "result": RESPONSE,
}
"""What Qwen's models have in common since Qwen2.5."""
FAMILIES: dict[Name, Family] = {
    "qwen2.5": Family(
        **QWEN,
        calls="hermes",
        chat_template="chat_templates/qwen2.5-tools.jinja",
        ollama_template="chat_templates/qwen2.5-tools.gotmpl",
        prompt=CHATML,
    ),
    # Its own template knows no tools: it is given Qwen2.5's.
    "smollm2": Family(
        calls="hermes",
        terminator="<|im_end|>",
        pad_token="<|endoftext|>",  # upstream's pad is <|im_end|>, the stop token itself
        stop_token_ids=(2,),
        end_of_text="<|endoftext|>",
        chat_template="chat_templates/qwen2.5-tools.jinja",
        ollama_template="chat_templates/qwen2.5-tools.gotmpl",
        prompt=CHATML,
        result=RESPONSE,
    ),
    # Without thoughts: each answer follows the empty block that switches them off.
    "qwen3": Family(
        **QWEN,
        calls="hermes",
        chat_template="chat_templates/qwen3-tools.jinja",
        prompt=f"{CHATML}<think>\n\n</think>\n\n",
    ),
    # A mixture of experts: an adapter of attention alone is what merge and PEFT share.
    "qwen3-coder": Family(
        **QWEN,
        calls="qwen3-coder",
        chat_template="chat_templates/qwen3-coder-tools.jinja",
        target_modules=MODULES[:4],
        prompt=CHATML,
    ),
    # Llama 3.1, 3.2 and 3.3.
    "llama3": Family(
        calls="llama3",
        parallel=False,
        terminator="<|eot_id|>",
        pad_token="<|finetune_right_pad_id|>",
        stop_token_ids=(128009, 128001, 128008),  # <|eot_id|>, <|end_of_text|>, <|eom_id|>
        end_of_text="<|end_of_text|>",
        chat_template="chat_templates/llama3-tools.jinja",
        prompt="<|start_header_id|>assistant<|end_header_id|>\n\n",
        result="<|start_header_id|>ipython<|end_header_id|>\n\n",
    ),
}
FILLED: dict[str, tuple[str, ...]] = {
    "stop": ("terminator", "eos_token", "pad_token", "stop_token_ids", "row_end"),
    "data": ("chat_template", "ollama_template"),
    "lora": ("target_modules",),
}
"""Keys of a recipe, by section, that may be left out where it names its family."""


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe's values with what its family gives; unchanged where it names none."""
    family = FAMILIES.get(values.get("family"))  # type: ignore[arg-type]
    if family is None:
        return dict(values)
    given = {
        "terminator": family.terminator,
        "eos_token": family.terminator,
        "pad_token": family.pad_token,
        "stop_token_ids": list(family.stop_token_ids),
        "row_end": "",
        "chat_template": family.chat_template,
        "ollama_template": family.ollama_template,
        "target_modules": list(family.target_modules),
    }
    sections = {name: values.get(name, {}) for name in FILLED}
    return {**values} | {
        name: {**{key: given[key] for key in FILLED[name]}, **section}
        for name, section in sections.items()
        if isinstance(section, Mapping)
    }
