"""Templates of other families render here as in transformers, or are refused with the reason."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synthia.data import chat_format, jinja
from synthia.errors import UsageError

USER: dict[str, Any] = {"role": "user", "content": "Hi"}
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}


def render(template: str) -> str:
    return chat_format.render(template, [USER], [], special_tokens=TOKENS)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ {'b': 'ü<', 'a': 1} | tojson }}", '{"b": "ü<", "a": 1}'),
        ("{{ {'b': 1, 'a': 1} | tojson(indent=4) }}", '{\n    "b": 1,\n    "a": 1\n}'),
        ("{{ {'b': 1, 'a': 2} | tojson(separators=(',', ':'), sort_keys=true) }}", '{"a":2,"b":1}'),
        ("{{ 'ü' | tojson(ensure_ascii=true) }}", '"\\u00fc"'),
        ("A{% generation %}{{ messages[0].content }}{% endgeneration %}B", "AHiB"),
        ("{{ bos_token }}{{ messages[0]['content'] }}{{ eos_token }}", "<s>Hi</s>"),
        ("{% if enable_thinking %}a{% else %}b{% endif %}", "b"),
        ("{% if enable_thinking is defined %}a{% endif %}{{ messages[0].name }}b", "b"),
        (
            "{% if messages[0].tool_calls %}a{% endif %}{% for x in messages[0].x %}{% endfor %}b",
            "b",
        ),
        ("{% for m in messages %}{% break %}{% endfor %}b", "b"),
    ],
)
def test_a_template_renders_as_transformers_renders_it(template: str, text: str) -> None:
    assert render(template) == text


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ bos_tokn }}", "'bos_tokn' is undefined"),
        ("a{{ 'b' ~ unk_token }}", "'unk_token' is undefined"),
        ("{% for x in documnts %}{% endfor %}", "'documnts' is undefined"),
        ("{{ strftime_now('%d %b %Y') }}", "differ from one day to the next; write a fixed date"),
    ],
)
def test_what_transformers_would_write_wrongly_is_refused(template: str, said: str) -> None:
    with pytest.raises(UsageError, match="cannot render this chat") as error:
        render(template)
    assert said in str(error.value)


def test_the_line_of_a_wrong_tag_is_named() -> None:
    with pytest.raises(UsageError, match=r"the chat template, line 2: .*'generatoin'"):
        jinja.compiled("a\n{% generatoin %}")


def test_special_tokens_are_the_tokenizers_and_the_stop_contracts() -> None:
    config = {"bos_token": {"content": "<s>"}, "eos_token": "</s>", "add_bos_token": False,
              "unk_token": None}  # fmt: skip
    found = chat_format.special_tokens(config, "<|im_end|>", "<pad>")
    assert found == {"bos_token": "<s>", "eos_token": "<|im_end|>", "pad_token": "<pad>"}
    assert chat_format.special_tokens({}, "a", "b")["bos_token"] == ""


COMPARE = """
import json, sys
from pathlib import Path
from transformers.utils.chat_template_utils import render_jinja_template
from synthia.data import chat_format
from synthia.errors import UsageError
from synthia.host import environments

chats, tokens, found = json.loads(sys.argv[2]), {"bos_token": "<s>", "eos_token": "</s>"}, {}
for path in sorted(Path(sys.argv[1]).glob("*.jinja")):
    template = path.read_text(encoding="utf-8")
    outcomes = []
    for messages, tools in chats:
        asks = messages[-1]["role"] != "assistant"
        try:
            texts, _ = render_jinja_template([messages], tools=tools or None, chat_template=template,
                                             add_generation_prompt=asks, **tokens)
            theirs = texts[0]
        except Exception:
            theirs = None
        try:
            ours = chat_format.render(template, messages, tools, special_tokens=tokens,
                                      add_generation_prompt=asks)
        except UsageError as error:
            ours = None
            outcomes.append("both refuse" if theirs is None else f"refused: {error}")
            continue
        outcomes.append("equal" if ours == theirs else "DIFFERS")
    found[path.name] = outcomes
print(json.dumps(found))
"""
TOOL = {"type": "function", "function": {"name": "read_file", "description": "Read <a> 'file'.",
        "parameters": {"type": "object", "properties": {"path": {"type": "string", "description": "ü"}},
                       "required": ["path"]}}}  # fmt: skip
CALL = {"type": "function", "function": {"name": "read_file", "arguments": {"path": "a.py"}}}
CHATS: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]] = [
    ([USER], []),
    ([{"role": "system", "content": "Be brief."}, USER], [TOOL]),
    ([USER, {"role": "assistant", "content": "", "tool_calls": [CALL]},
      {"role": "tool", "content": "1"}, {"role": "assistant", "content": "One."}], [TOOL]),
]  # fmt: skip


@pytest.fixture(scope="session")
def compared(run_in: Callable[..., str], llama_templates: Path) -> dict[str, list[str]]:
    outcomes: dict[str, list[str]] = json.loads(
        run_in("train", COMPARE, str(llama_templates), json.dumps(CHATS))
    )
    return outcomes


@pytest.mark.slow
def test_no_template_of_another_family_renders_otherwise_than_in_transformers(
    compared: dict[str, list[str]],
) -> None:
    assert len(compared) == 70
    assert {name for name, outcomes in compared.items() if "DIFFERS" in outcomes} == set()


@pytest.mark.slow
def test_only_a_clock_or_an_undefined_variable_is_refused_that_transformers_renders(
    compared: dict[str, list[str]],
) -> None:
    refused = {
        name: outcome
        for name, outcomes in compared.items()
        for outcome in outcomes
        if outcome.startswith("refused")
    }
    assert all("strftime_now" in said or "is undefined" in said for said in refused.values()), (
        refused
    )
    for name in ("Qwen-Qwen3-0.6B", "Qwen3-Coder", "meta-llama-Llama-3.1-8B-Instruct"):
        assert compared[f"{name}.jinja"] == ["equal"] * 3, name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "terminator", "call"),
    [
        ("Qwen-Qwen2.5-7B-Instruct", "<|im_end|>",
         '<tool_call>\n{"name": "read_file", "arguments": {"path": "a.py"}}\n</tool_call>'),
        ("ibm-granite-granite-4.0", "<|end_of_text|>",
         '<tool_call>\n{"name": "read_file", "arguments": {"path": "a.py"}}\n</tool_call>'),
        ("Qwen3-Coder", "<|im_end|>",
         "<tool_call>\n<function=read_file>\n<parameter=path>\na.py\n</parameter>\n</function>\n</tool_call>"),
        ("meta-llama-Llama-3.1-8B-Instruct", "<|eot_id|>",
         '{"name": "read_file", "parameters": {"path": "a.py"}}'),
    ],
)  # fmt: skip
def test_the_trained_text_of_other_families_is_their_call_and_their_terminator(
    llama_templates: Path, name: str, terminator: str, call: str
) -> None:
    template = (llama_templates / f"{name}.jinja").read_text(encoding="utf-8")
    messages, tools = CHATS[2]
    rendered = chat_format.render_with_spans(
        template, messages, tools, terminator=terminator, special_tokens=TOKENS
    )
    trained = [rendered.text[span.start : span.end] for span in rendered.spans]
    assert trained == [call + terminator, f"One.{terminator}"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "Qwen-Qwen3-0.6B",
            "does not continue its own prompt",
        ),  # thoughts are cut from earlier turns
        ("google-gemma-4-31B-it", "does not continue its own prompt"),
        ("HuggingFaceTB-SmolLM3-3B", "leaves out the call of 'read_file'"),
    ],
)
def test_a_template_that_cannot_be_trained_as_it_is_served_is_refused_with_the_reason(
    llama_templates: Path, name: str, said: str
) -> None:
    template = (llama_templates / f"{name}.jinja").read_text(encoding="utf-8")
    terminator = "<turn|>" if "gemma" in name else "<|im_end|>"
    messages, tools = CHATS[2]
    with pytest.raises(UsageError, match=said):
        chat_format.render_with_spans(
            template, messages, tools, terminator=terminator, special_tokens=TOKENS
        )
