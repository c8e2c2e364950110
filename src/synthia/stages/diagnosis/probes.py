"""What every artefact is asked: short chats with gold answers, and a text that any model knows.

The questions have short answers, so that a model that can stop does so within `LIMIT` tokens.

Not covered: how well a model answers. A wrong answer that ends is no fault here.
"""

from typing import Any

LIMIT = 64
"""Tokens after which an answer counts as endless."""

CHATS = (
    ("What is the capital of France?", "The capital of France is Paris."),
    ("Answer with one word: is the sky blue?", "Yes."),
    ("Say hello.", "Hello! How can I help you today?"),
    ("What is 2 + 2? Answer briefly.", "2 + 2 equals 4."),
    ("Name one fruit. Answer with one word.", "Apple."),
    ("Which planet do we live on?", "We live on Earth."),
    ("What color is grass? One word.", "Green."),
    ("How many days are in a week? Answer briefly.", "There are seven days in a week."),
    ("Translate 'water' into French. One word.", "Eau."),
    ("What is the opposite of hot? One word.", "Cold."),
    ("Who wrote Romeo and Juliet? Answer briefly.", "William Shakespeare wrote Romeo and Juliet."),
    ("Which language is spoken in Spain? One word.", "Spanish."),
)
"""Question and gold answer."""

TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_time",
        "description": "Get the time of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
TOOL_CHATS = (
    "What time is it in Paris?",
    "Get the time of Tokyo.",
    "What is the time in Rome now?",
)

END_TOKENS = (
    "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<|end|>", "<end_of_turn>",
    "</s>", "<|eom_id|>", "<|return|>", "[EOS]",
)  # fmt: skip
"""Texts of the tokens that end a turn or a document, in the families that llama.cpp knows
(llama-vocab.cpp: its end-of-generation set is chosen by these and a few more)."""

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + "
    "'<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}"
    "{% endif %}"
)
"""What llama-server falls back on where a file has no template."""

KNOWN_TEXT = (
    'Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except '
    "in compliance with the License. You may obtain a copy of the License at the address below. Unless "
    "required by applicable law or agreed to in writing, software distributed under the License is "
    'distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or '
    "implied. See the License for the specific language governing permissions and limitations under the "
    "License.\n\n1, 2, 3, 4, 5, 6, 7, 8, 9, 10\n\nThe sun rises in the east and sets in the west."
)
"""A language model that works has read this often."""


def chats(*, with_tools: bool) -> list[dict[str, Any]]:
    """The probes: id, messages, gold (a text, or "" where a call is due) and tools."""
    found: list[dict[str, Any]] = [
        {
            "id": f"chat {n}",
            "messages": [{"role": "user", "content": question}],
            "gold": gold,
            "tools": [],
        }
        for n, (question, gold) in enumerate(CHATS, 1)
    ]
    if with_tools:
        found += [
            {"id": f"tool {n}", "messages": [{"role": "user", "content": question}], "gold": "",
             "tools": [TOOL]}
            for n, question in enumerate(TOOL_CHATS, 1)
        ]  # fmt: skip
    return found
