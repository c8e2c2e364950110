"""Chats of each family are those of its own template, are read back, and end where they should.

The models themselves cannot be fetched here. Their templates and Llama 3's vocabulary come from llama.cpp's
source; Qwen3's and Qwen3-Coder's is Qwen2.5's with marks for thoughts and results added.
"""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT
from family_chats import CHATS, LIST, READ, SYSTEM, TOKENS, TOOLS, TWO, USER, assistant, rows

from synthia import recipe
from synthia.data import call_formats, chat_format, conversations, rules, tool_calls, vocabulary
from synthia.data.conversations import Reading
from synthia.errors import UsageError
from synthia.families import FAMILIES, Name
from synthia.host import environments
from synthia.run import llama_build

NAMES = tuple(FAMILIES)
REAL: dict[Name, str] = {
    "qwen2.5": "Qwen-Qwen2.5-7B-Instruct", "qwen3": "Qwen-Qwen3-0.6B", "qwen3-coder": "Qwen3-Coder",
    "llama3": "meta-llama-Llama-3.1-8B-Instruct",
}  # fmt: skip
THOUGHTS = "<think>\n\n</think>\n\n"


def template(name: Name) -> str:
    return (PROJECT / FAMILIES[name].chat_template).read_text(encoding="utf-8")


def render(text: str, chat: str, tools: list[dict[str, Any]]) -> str:
    messages = CHATS[chat]
    asks = messages[-1]["role"] != "assistant"
    return chat_format.render(
        text, messages, tools, add_generation_prompt=asks, special_tokens=TOKENS
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_table_says_what_the_shipped_template_writes(name: Name) -> None:
    family = FAMILIES[name]
    for messages in rows(name):
        rendered = chat_format.render_with_spans(
            template(name), messages, TOOLS, terminator=family.terminator, special_tokens=TOKENS
        )
        turns = [turn for turn in messages if turn["role"] == "assistant"]
        assert len(rendered.spans) == len(turns)
        for turn, span in zip(turns, rendered.spans, strict=True):
            assert rendered.text[: span.start].endswith(family.prompt)
            assert rendered.text[span.text_end : span.end] == family.terminator
            said = rendered.text[span.start : span.text_end]
            parsed = call_formats.parse(said, family.calls, TOOLS)
            wanted = [call["function"] for call in turn.get("tool_calls", [])]
            assert (parsed.errors, parsed.rest) == ((), turn["content"])
            assert tool_calls.same_calls(parsed.calls, wanted)
        assert rendered.text.count(family.result) == sum(
            turn["role"] == "tool" and before["role"] != "tool"
            for before, turn in pairwise(messages)
        )


@pytest.mark.parametrize("name", recipe.names(PROJECT / "recipes"))
def test_a_recipe_keeps_to_its_family(name: str) -> None:
    loaded = recipe.load(PROJECT / "recipes", name)
    family = FAMILIES[loaded.family]
    assert (loaded.stop.terminator, loaded.stop.pad_token) == (family.terminator, family.pad_token)
    assert loaded.stop.stop_token_ids == list(family.stop_token_ids)
    assert loaded.data.chat_template == family.chat_template
    assert loaded.lora.target_modules == list(family.target_modules)


def test_what_a_family_gives_can_be_set_otherwise_and_without_one_must_be_said() -> None:
    words = ["data.ollama_template=a.gotmpl", 'lora.target_modules=["q_proj"]']
    loaded = recipe.load(PROJECT / "recipes", "llama-3.2-3b", words)
    assert loaded.data.ollama_template == "a.gotmpl"
    assert loaded.lora.target_modules == ["q_proj"]
    assert loaded.stop.eos_token == "<|eot_id|>"
    values = json.loads(recipe.resolved(loaded))
    del values["family"], values["stop"]["pad_token"]
    with pytest.raises(UsageError, match=r"'stop\.pad_token' is missing"):
        recipe.parse(values, origin="mine")


def test_a_row_that_the_family_has_no_form_for_is_named(tmp_path: Path) -> None:
    rows = [{"messages": [*TWO, assistant("Done.")], "tools": TOOLS}]
    probe = {"id": "p", "messages": [USER], "tools": TOOLS, "gold": assistant("", READ, LIST)}
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "probes.jsonl").write_text(json.dumps(probe) + "\n")
    for read, file, place in (
        (conversations.read, "rows.jsonl", "messages[1].tool_calls"),
        (conversations.read_probes, "probes.jsonl", "gold"),
    ):
        assert read(tmp_path / file, file)[1] == []
        (problem,) = read(tmp_path / file, file, Reading(parallel=False))[1]
        assert (problem.gate, problem.field, problem.line) == (rules.TOOLS, place, 1)
        assert "calls 2 tools at once" in problem.message


@pytest.mark.slow
@pytest.mark.parametrize("chat", CHATS)
@pytest.mark.parametrize("name", REAL)
def test_a_chat_is_byte_for_byte_that_of_the_models_own_template(
    llama_templates: Path, name: Name, chat: str
) -> None:
    """But for what chat_templates/README.md says, which is undone here."""
    real = (llama_templates / f"{REAL[name]}.jinja").read_text(encoding="utf-8")
    for tools in ([], TOOLS):
        if name == "llama3" and chat == "two":
            for each in (template(name), real):
                with pytest.raises(UsageError, match=r"single tool-calls|one tool a turn"):
                    render(each, chat, tools)
            continue
        ours, theirs = render(template(name), chat, tools), render(real, chat, tools)
        if name == "qwen2.5" and CHATS[chat][0]["role"] != "system":
            named = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."
            assert named in theirs
            block = f"<|im_start|>system\n{named}<|im_end|>\n"
            theirs = theirs.replace(f"{named}\n\n", "") if tools else theirs.replace(block, "")
        if name == "qwen3":
            ours, theirs = ours.replace(THOUGHTS, ""), theirs.replace(THOUGHTS, "")
        if name == "qwen3-coder":
            theirs = theirs.replace("\nTrue\n", "\ntrue\n")
        if name == "llama3" and chat == "said":
            assert ours.count("I look.\n\n{") == 1
            ours = ours.replace("I look.\n\n{", "{")
        assert ours == theirs, (chat, bool(tools))


@pytest.mark.slow
def test_qwen3s_last_prompt_and_answer_are_those_without_thoughts(llama_templates: Path) -> None:
    real = (llama_templates / "Qwen-Qwen3-0.6B.jinja").read_text(encoding="utf-8")
    for messages in ([SYSTEM, USER], [SYSTEM, USER, assistant("", READ)]):
        asks = messages[-1]["role"] == "user"
        texts = [
            chat_format.render(each, messages, TOOLS, add_generation_prompt=asks,
                               special_tokens={**TOKENS, "enable_thinking": False})  # type: ignore[dict-item]
            for each in (template("qwen3"), real)
        ]  # fmt: skip
        assert texts[0] == texts[1]
        assert THOUGHTS in texts[0]


SERVE = """
import json, sys, tempfile
from pathlib import Path
sys.path.insert(0, sys.argv[1] + "/gguf-py")
import numpy as np
from gguf import GGUFWriter
from synthia.stages.gguf import llama_server
# The text of an answer is given as its beginning; the model only ends it.
llama_server.OPTIONS = tuple(o for o in llama_server.OPTIONS if o != "--no-prefill-assistant")
visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
letters = [chr(b) for b in visible] + [chr(256 + n) for n in range(256 - len(visible))]
def model(path, template, end):
    tokens = [*letters, "he", "<|begin_of_text|>", end]
    w, size = GGUFWriter(str(path), "llama"), 32
    w.add_block_count(1), w.add_context_length(8192), w.add_embedding_length(size)
    w.add_feed_forward_length(size), w.add_head_count(1), w.add_head_count_kv(1)
    w.add_layer_norm_rms_eps(1e-5), w.add_rope_dimension_count(size)
    w.add_tokenizer_model("gpt2"), w.add_tokenizer_pre("qwen2"), w.add_token_list(tokens)
    w.add_token_types([1] * 257 + [3, 3]), w.add_token_merges(["h e"])
    w.add_bos_token_id(257), w.add_eos_token_id(258), w.add_add_bos_token(False)
    w.add_chat_template(template)
    shapes = {"token_embd": (len(tokens), size), "output_norm": (size,)}
    shapes |= {f"blk.0.{n}": (size,) for n in ("attn_norm", "ffn_norm")}
    shapes |= {f"blk.0.{n}": (size, size) for n in ("attn_q", "attn_k", "attn_v", "attn_output",
                                                     "ffn_gate", "ffn_up", "ffn_down")}
    for name, shape in shapes.items():
        w.add_tensor(f"{name}.weight", np.ones(shape, np.float32))
    w.write_header_to_file(), w.write_kv_data_to_file(), w.write_tensors_to_file(), w.close()
found = {}
for name, family in json.load(open(sys.argv[2])).items():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.gguf"
        model(path, family["template"], family["end"])
        with llama_server.running(Path(sys.argv[1]), path, context=8192) as ask:
            texts = [ask("/apply-template", {**chat, "add_generation_prompt": False})["prompt"]
                     for chat in family["rows"]]
            read = [ask("/v1/chat/completions", {**chat, "max_tokens": 1, "temperature": 0,
                        "logit_bias": [[258, 1000.0]]})["choices"][0]["message"]
                    for chat in family["answers"]]
    found[name] = {"texts": texts, "read": read}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def served(run_in: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What llama-server renders of each family's chats, and reads in each answer's text."""
    asked = {}
    for name in REAL:
        family = FAMILIES[name]
        answers = []
        for messages in rows(name):
            rendered = _rendered(name, messages)
            spans = zip([i for i, m in enumerate(messages) if m["role"] == "assistant"],
                        rendered.spans, strict=True)  # fmt: skip
            for index, span in spans:
                said = rendered.text[span.start : span.text_end]
                answers.append({"messages": [*messages[:index], assistant(said)], "tools": TOOLS})
        asked[name] = {
            "template": template(name), "end": family.terminator, "answers": answers,
            "rows": [{"messages": [*messages, USER], "tools": TOOLS} for messages in rows(name)],
        }  # fmt: skip
    file = tmp_path_factory.mktemp("served") / "asked.json"
    file.write_text(json.dumps(asked))
    python = environments.ensure(PROJECT, "convert")
    built = llama_build.ensure(python, environments.cache_root())
    found: dict[str, Any] = json.loads(run_in("convert", SERVE, str(built), str(file)))
    return found


def _rendered(name: Name, messages: list[dict[str, Any]]) -> chat_format.Rendered:
    return chat_format.render_with_spans(
        template(name), messages, TOOLS, terminator=FAMILIES[name].terminator, special_tokens=TOKENS
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_llama_cpp_renders_the_same_text(served: dict[str, Any], name: Name) -> None:
    for messages, text in zip(rows(name), served[name]["texts"], strict=True):
        assert text == chat_format.render(
            template(name), [*messages, USER], TOOLS, special_tokens=TOKENS
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_llama_cpp_reads_the_calls_that_were_written(served: dict[str, Any], name: Name) -> None:
    turns = [turn for messages in rows(name) for turn in messages if turn["role"] == "assistant"]
    for turn, message in zip(turns, served[name]["read"], strict=True):
        wanted = [call["function"] for call in turn.get("tool_calls", [])]
        got = [
            {
                "name": call["function"]["name"],
                "arguments": json.loads(call["function"]["arguments"]),
            }
            for call in message.get("tool_calls") or []
        ]
        assert tool_calls.same_calls(got, wanted), turn
        assert (message["content"] or "").strip() == turn["content"]


ENCODE = """
import json, sys
from pathlib import Path
from tokenizers import Regex, Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
from synthia.data.conversations import Row
from synthia.data import gguf_tokenizer
from synthia.recipe_sections import Stop
from synthia.stages.gguf import metadata
from synthia.stages.hf import encoding
source, asked = Path(sys.argv[1]), json.load(open(sys.argv[2]))
LLAMA3 = gguf_tokenizer.QWEN2_SPLIT.replace("|\\\\p{N}|", "|\\\\p{N}{1,3}|")
def llama3():
    made = metadata.read(source / "ggml-vocab-llama-bpe.gguf")
    tokens, types, merges = (made[f"tokenizer.ggml.{key}"] for key in ("tokens", "token_type", "merges"))
    tokens[128004] = "<|finetune_right_pad_id|>"  # Llama 3.1 named one that Llama 3 had reserved
    tokenizer = gguf_tokenizer.build(tokens, types, merges, "qwen2")
    tokenizer.normalizer = None
    tokenizer.model.ignore_merges = True
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    split = pre_tokenizers.Split(Regex(LLAMA3), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, level])
    return tokenizer
def qwen3():
    tokenizer = Tokenizer.from_file(sys.argv[3])
    tokenizer.add_tokens(["<tool_response>", "</tool_response>", "<think>", "</think>"])
    return tokenizer
made = {"qwen3": qwen3(), "llama3": llama3()}
inp, out = (source / f"ggml-vocab-llama-bpe.gguf.{end}" for end in ("inp", "out"))
texts = inp.read_text(encoding="utf-8").split("\\n__ggml_vocab_test__\\n")[:-1]
ids = [[int(n) for n in line.split()] for line in out.read_text().splitlines()]
ours = [made["llama3"].encode(text, add_special_tokens=False).ids for text in texts]
found = {"cases": len(texts), "same": ours == ids}
for name, family in asked.items():
    stop = Stop(**family["stop"])
    base = made["llama3" if name == "llama3" else "qwen3"]
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=base, eos_token=stop.eos_token,
                                        pad_token=stop.pad_token, bos_token=family["bos"])
    tokenizer.chat_template = family["template"]
    rows = [Row(f"r:{n}", m, family["tools"]) for n, m in enumerate(family["rows"], 1)]
    encoded = list(encoding.encode(tokenizer, family["template"], stop, rows))
    ids = [tokenizer(t, add_special_tokens=False)["input_ids"] for t in (stop.terminator, stop.pad_token)]
    found[name] = {
        "ids": ids, "begins": encoded[0].input_ids[0],
        "wrong": [*encoding.stop_problems(encoded, ids[0][0], None),
                  *encoding.mask_problems(tokenizer, encoded, ""),
                  *encoding.render_problems(tokenizer, encoded),
                  *encoding.call_problems(encoded, family["calls"])],
        "read otherwise": encoding.call_problems(encoded, "llama3" if name != "llama3" else "hermes"),
    }
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def encoded(
    run_in: Callable[..., str], llama_templates: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """Each family's chats as token ids and labels, and what the gates T find wrong with them."""
    asked = {}
    for file in ("qwen3-4b", "qwen3-coder-30b", "llama-3.2-3b"):
        loaded = recipe.load(PROJECT / "recipes", file)
        family = loaded.family
        asked[family] = {
            "template": template(family), "calls": FAMILIES[family].calls, "tools": TOOLS,
            "stop": loaded.stop.model_dump(), "rows": rows(family), "bos": TOKENS["bos_token"],
        }  # fmt: skip
    path = tmp_path_factory.mktemp("encoded") / "asked.json"
    path.write_text(json.dumps(asked))
    qwen2 = vocabulary.qwen2(PROJECT / "requirements", environments.cache_root())
    said = run_in("train", ENCODE, str(llama_templates), str(path), str(qwen2))
    found: dict[str, Any] = json.loads(said)
    return found


@pytest.mark.slow
def test_llama_3s_vocabulary_is_read_as_llama_cpps_own_cases_have_it(encoded: Any) -> None:
    assert encoded["cases"] == 46
    assert encoded["same"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "terminator", "pad", "first"),
    [("qwen3", 151645, 151654, 151644), ("qwen3-coder", 151645, 151654, 151644),
     ("llama3", 128009, 128004, 128000)],
)  # fmt: skip
def test_every_gate_on_token_ids_is_green(
    encoded: Any, name: Name, terminator: int, pad: int, first: int
) -> None:
    found = encoded[name]
    assert found["ids"] == [[terminator], [pad]]
    assert terminator in FAMILIES[name].stop_token_ids
    assert found["begins"] == first
    assert found["wrong"] == []
    assert found["read otherwise"], "calls are not read in another family's form"
