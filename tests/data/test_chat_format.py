"""The chat template renders Qwen2.5's format, and labels cover the assistant's turns, no more."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import odd_messages
import pytest
from hypothesis import given, strategies as st

from synthia.data import chat_format, tool_calls
from synthia.data.chat_format import NOT_TRAINED, Span
from synthia.errors import UsageError

TEMPLATES = Path(__file__).resolve().parents[2] / "chat_templates"
TEMPLATE = (TEMPLATES / "qwen2.5-tools.jinja").read_text(encoding="utf-8")
END = "<|im_end|>"

TOOL = {
    "type": "function",
    "function": {"name": "add", "description": "A & 'b' <ü>", "parameters": {"type": "object"}},
}
CALL = {"type": "function", "function": {"name": "add", "arguments": {"b": "é<", "a": 1}}}
SYSTEM: dict[str, Any] = {"role": "system", "content": "Be brief."}
USER: dict[str, Any] = {"role": "user", "content": "Hi <b>"}
CALLING: dict[str, Any] = {"role": "assistant", "content": "", "tool_calls": [CALL]}
TALKING: dict[str, Any] = {
    "role": "assistant",
    "content": "Let me add.",
    "tool_calls": [CALL, CALL],
}
RESULT: dict[str, Any] = {"role": "tool", "content": "3"}
ANSWER: dict[str, Any] = {"role": "assistant", "content": "Three."}

TOOLS_BLOCK = (
    "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
    "You are provided with function signatures within <tools></tools> XML tags:\n<tools>\n"
    '{"type": "function", "function": {"name": "add", "description": "A & \'b\' <ü>", '
    '"parameters": {"type": "object"}}}\n</tools>\n\nFor each function call, return a json object '
    "with function name and arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n"
    '{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>'
)
CALL_TEXT = '<tool_call>\n{"name": "add", "arguments": {"b": "é<", "a": 1}}\n</tool_call>'


@pytest.mark.parametrize(
    ("messages", "tools", "text"),
    [
        ([USER], [], "<|im_start|>user\nHi <b><|im_end|>\n"),
        ([SYSTEM, USER], [], "<|im_start|>system\nBe brief.<|im_end|>\n"
         "<|im_start|>user\nHi <b><|im_end|>\n"),
        ([USER], [TOOL], f"<|im_start|>system\n{TOOLS_BLOCK}<|im_end|>\n"
         "<|im_start|>user\nHi <b><|im_end|>\n"),
        ([SYSTEM, USER], [TOOL], f"<|im_start|>system\nBe brief.\n\n{TOOLS_BLOCK}<|im_end|>\n"
         "<|im_start|>user\nHi <b><|im_end|>\n"),
        ([USER, CALLING], [], "<|im_start|>user\nHi <b><|im_end|>\n"
         f"<|im_start|>assistant\n{CALL_TEXT}<|im_end|>\n"),
        ([USER, TALKING, RESULT, RESULT, ANSWER], [], "<|im_start|>user\nHi <b><|im_end|>\n"
         f"<|im_start|>assistant\nLet me add.\n{CALL_TEXT}\n{CALL_TEXT}<|im_end|>\n"
         "<|im_start|>user\n<tool_response>\n3\n</tool_response>\n<tool_response>\n3\n"
         "</tool_response><|im_end|>\n<|im_start|>assistant\nThree.<|im_end|>\n"),
    ],
)  # fmt: skip
def test_the_format_is_that_of_qwen(
    messages: list[dict[str, Any]], tools: list[dict[str, Any]], text: str
) -> None:
    assert chat_format.render(TEMPLATE, messages, tools) == text
    prompt = chat_format.render(TEMPLATE, messages, tools, add_generation_prompt=True)
    assert prompt == text + "<|im_start|>assistant\n"


@pytest.mark.parametrize("case", odd_messages.CASES)
@pytest.mark.parametrize("tools", [[], odd_messages.TOOLS], ids=["no tools", "tools"])
def test_null_content_is_empty_and_parts_are_joined_by_line_breaks(case: str, tools: Any) -> None:
    odd, plain = odd_messages.CASES[case]
    for prompt in (False, True):
        texts = [
            chat_format.render(TEMPLATE, messages, tools, add_generation_prompt=prompt)
            for messages in (odd, plain)
        ]
        assert texts[0] == texts[1]
        assert "None" not in texts[0]


def test_spans_run_from_the_prompt_through_the_terminator() -> None:
    messages = [SYSTEM, USER, {**TALKING, "weight": 0}, RESULT, RESULT, CALLING, RESULT, ANSWER]
    rendered = chat_format.render_with_spans(TEMPLATE, messages, [TOOL], terminator=END)
    assert [rendered.text[span.start : span.end] for span in rendered.spans] == [
        f"Let me add.\n{CALL_TEXT}\n{CALL_TEXT}<|im_end|>",
        f"{CALL_TEXT}<|im_end|>",
        "Three.<|im_end|>",
    ]
    assert rendered.text[rendered.spans[2].start : rendered.spans[2].text_end] == "Three."
    assert [span.trained for span in rendered.spans] == [False, True, True]
    assert chat_format.prompts(rendered) == [
        chat_format.render(TEMPLATE, messages[:count], [TOOL], add_generation_prompt=True)
        for count in (5, 7)
    ]


def test_the_row_end_is_trained_when_the_last_turn_is() -> None:
    for weight in (0, 1):
        messages = [USER, {**ANSWER, "weight": weight}]
        rendered = chat_format.render_with_spans(TEMPLATE, messages, [], terminator=END)
        assert chat_format.with_row_end(rendered, "") == rendered.spans
        end = chat_format.with_row_end(rendered, "<|endoftext|>")[-1]
        length = len(rendered.text)
        assert end == Span(length, length, length + 13, trained=bool(weight))


def test_a_label_is_the_id_inside_trained_spans_and_nothing_elsewhere() -> None:
    offsets = [(0, 2), (2, 4), (4, 5), (5, 8), (8, 9)]
    spans = [Span(2, 4, 5, trained=True), Span(5, 7, 8, trained=False)]
    assert chat_format.labels([7, 8, 9, 10, 11], offsets, spans) == [-100, 8, 9, -100, -100]


def test_a_token_across_a_boundary_is_not_trained() -> None:
    assert chat_format.labels([7, 8], [(0, 3), (3, 6)], [Span(2, 4, 5, trained=True)]) == [-100] * 2


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="<|>\x00"), min_size=1, max_size=30)


@given(st.lists(TEXT, min_size=2, max_size=6), st.integers(0, 3))
def test_trained_characters_are_just_the_assistants_turns(texts: list[str], silent: int) -> None:
    messages = [
        {"role": role, "content": text, **({"weight": 0} if index == silent else {})}
        for index, (role, text) in enumerate(zip(["user", "assistant"] * 3, texts, strict=False))
    ]
    rendered = chat_format.render_with_spans(TEMPLATE, messages, [], terminator=END)
    assert all(one.end < other.start for one, other in pairwise(rendered.spans))
    # With one token a character, the trained tokens spell the turns of weight 1.
    offsets = [(index, index + 1) for index in range(len(rendered.text))]
    labels = chat_format.labels(range(len(rendered.text)), offsets, rendered.spans)
    trained = "".join(rendered.text[label] for label in labels if label != NOT_TRAINED)
    turns = [m for m in messages if m["role"] == "assistant" and m.get("weight", 1)]
    assert trained == "".join(str(turn["content"]) + END for turn in turns)


def test_a_call_is_written_as_the_template_writes_it() -> None:
    rendered = chat_format.render_with_spans(TEMPLATE, [USER, CALLING], [], terminator=END)
    span = rendered.spans[0]
    function = CALL["function"]
    assert isinstance(function, dict)
    written = rendered.text[span.start : span.text_end]
    assert written == tool_calls.serialise(function)
    assert tool_calls.parse(written).calls == (function,)


@pytest.mark.parametrize(
    "template",
    [
        TEMPLATE.replace("assistant\\n' }}", "assistant\\n<think>' }}"),  # another prompt
        TEMPLATE.replace("<|im_end|>", "<|end|>"),  # another terminator
        "{% for m in messages %}{{ m.content }}<|im_end|>{% endfor %}{{ messages | length }}",
    ],
)
def test_a_template_that_does_not_continue_its_prompt_is_refused(template: str) -> None:
    messages = [USER, ANSWER, USER, ANSWER]
    with pytest.raises(UsageError, match=r"row 7: .* at messages\[1\]"):
        chat_format.render_with_spans(template, messages, [], terminator=END, label="row 7")


def test_a_template_that_leaves_out_calls_is_refused() -> None:
    drops = TEMPLATE.replace("message.tool_calls", "message.no_calls")
    assert drops != TEMPLATE
    with pytest.raises(UsageError, match=r"leaves out the call of 'add' in messages\[1\]"):
        chat_format.render_with_spans(drops, [USER, CALLING], [TOOL], terminator=END)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% if %}", "the chat template, line 1: "),
        ("{{ raise_exception('no tools') }}", "cannot render this chat: no tools"),
        ("{{ ''.__class__.__mro__ }}", "cannot render this chat: access to attribute"),
        ("{{ messages.append(1) }}", "cannot render this chat: access to attribute"),
        ("{{ strftime_now('%Y') }}", "the day's date"),
    ],
)
def test_a_template_runs_in_a_sandbox_without_a_clock(template: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        chat_format.render(template, [USER], [])
