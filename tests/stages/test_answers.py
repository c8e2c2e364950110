"""Measures on answers: each finds the fault it is named after and leaves good text alone."""

from typing import Any

import pytest

from synthia.stages import answers, detectors


@pytest.mark.parametrize(
    "text",
    ["I see. I see. I see. I see. I see.", "ok\n" * 20, "a, b, " * 30, '{"name": "x"}\n' * 5],
)
def test_a_repeated_tail_is_found(text: str) -> None:
    assert detectors.loop(detectors.words_of(text))


@pytest.mark.parametrize(
    "text",
    ["", "-" * 80, "}}}}}}", "The file has 12 lines.", "ha ha ha", "x = [[0, 0], [0, 0]]"],
)
def test_rulers_brackets_and_short_repeats_are_no_loop(text: str) -> None:
    assert not detectors.loop(detectors.words_of(text))


def test_garbage_is_listed() -> None:
    text = "a\ufffdb<|im_start|>c[PAD151700]<|endoftext|>"
    assert detectors.faults(text, [], None, stopped=True) == {
        "garbage": "U+FFFD", "leaked": "<|im_start|>, [PAD151700], <|endoftext|>",
    }  # fmt: skip
    assert measured(text)["at_fault"]["garbage"] == ["p1"]
    assert measured("a < b | c")["at_fault"]["garbage"] == []


def test_letters_of_a_script_absent_from_prompt_and_gold_are_counted() -> None:
    assert answers.foreign_letters("the file 文件 is", "which file?") == 2
    assert answers.foreign_letters("файл", "какой файл?") == 0
    assert answers.foreign_letters("コミットしました", "変更はありますか") == 0
    assert answers.foreign_letters("コミット", "какой файл?") == 4
    assert answers.foreign_letters("naïve café 12 + 3", "plain ascii") == 0


PROBE = {
    "id": "p1",
    "prompt": "Read a.txt",
    "gold_text": "",
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "read_file",
                "description": "",
                "parameters": {
                    "type": "object",
                    "properties": {"path": {"type": "string"}},
                    "required": ["path"],
                },
            },
        }
    ],
    "gold": {"content": "", "tool_calls": [{"name": "read_file", "arguments": {"path": "a.txt"}}]},
}
CALL = '<tool_call>\n{"name": "read_file", "arguments": {"path": "a.txt"}}\n</tool_call>'


def measured(text: str, *, gold_calls: bool = True, stop: str = "stop") -> dict[str, Any]:
    probe = PROBE if gold_calls else {**PROBE, "gold": {"content": "", "tool_calls": []}}
    sample = {"id": "p1", "text": text, "stop_reason": stop, "output_ids": []}
    return answers.measure([sample], {"p1": probe}, "<|endoftext|>")


def test_a_right_call_counts_as_right_everywhere() -> None:
    found = measured(CALL)
    for key in ("stop_rate", "tool_parse", "tool_schema", "exact_calls"):
        assert found[key] == 1.0, key


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (CALL.replace("a.txt", "b.txt"), "exact_calls"),
        (CALL.replace('"path"', '"file"'), "tool_schema"),
        (CALL.replace("}}", "}"), "tool_parse"),
        (CALL.replace("read_file", "rm"), "tool_schema"),
        ("I would read the file.", "exact_calls"),
    ],
)
def test_a_wrong_call_counts_against_its_measure(text: str, wrong: str) -> None:
    assert measured(text)[wrong] == 0.0


def test_a_call_where_none_is_due_counts_against_abstention() -> None:
    assert measured(CALL, gold_calls=False)["abstention"] == 0.0
    assert measured("Done.", gold_calls=False)["abstention"] == 1.0


def test_an_answer_that_ran_into_the_limit_counts_as_not_stopping() -> None:
    assert measured("and so on and on", stop="length")["stop_rate"] == 0.0


def test_a_missing_answer_is_an_error_and_not_a_good_rate() -> None:
    with pytest.raises(ValueError, match="p1"):
        answers.measure([], {"p1": PROBE}, "<|endoftext|>")


def test_a_call_that_the_server_left_in_the_text_is_hidden() -> None:
    sample = {"id": "p1", "content": CALL, "tool_calls": [], "stop_reason": "stop"}
    found = answers.measure([sample], {"p1": PROBE}, "<|endoftext|>")
    assert found["at_fault"]["hidden"] == ["p1"]
    assert found["exact_calls"] == 0.0


def test_a_model_that_never_calls_does_not_pass_for_calling_well() -> None:
    found = measured("I would read the file.")
    assert found["tool_parse"] == 0.0
    assert found["tool_schema"] == 0.0


def test_a_call_in_another_form_is_right_on_content_and_no_call_to_clients() -> None:
    """So that a base model, which writes bare JSON, is compared with a tuned one on what it means."""
    bare = '```json\n{"name": "read_file", "parameters": {"path": "a.txt"}}\n```'
    found = measured(bare)
    assert (found["exact_calls"], found["right_tool"], found["right_arguments"]) == (0.0, 1.0, 1.0)
    found = measured(bare.replace("a.txt", "b.txt"))
    assert (found["right_tool"], found["right_arguments"]) == (1.0, 0.0)
    found = measured(bare, gold_calls=False)
    assert (found["abstention"], found["no_call_in_any_form"]) == (1.0, 0.0)


def test_answers_are_counted_by_kind_of_probe() -> None:
    kinds = {"p1": {**PROBE, "kind": "reading"}}
    bare = CALL.replace("<tool_call>", "").replace("</tool_call>", "")
    samples = [{"id": "p1", "text": text, "stop_reason": "stop"} for text in (CALL, "No.", bare)]
    assert answers.measure(samples, kinds, "<x>")["kinds"]["reading"] == {
        "answers": 3, "strict_calls": 1, "exact_calls": 1, "right_calls": 1,
        "right_tool": 2, "right_arguments": 2, "right_results": 2,
    }  # fmt: skip


def test_a_call_that_does_what_gold_does_is_right_and_not_exact() -> None:
    other = [{"name": "read_file", "arguments": {"path": "./a.txt"}}]
    sample = {"id": "p1", "text": CALL.replace("a.txt", "./a.txt"), "stop_reason": "stop"}
    for also, share in (([other], 1.0), ([], 0.0)):
        found = answers.measure([sample], {"p1": {**PROBE, "also_right": also}}, "<x>")
        assert (found["exact_calls"], found["right_arguments"]) == (0.0, 0.0)
        assert (found["right_calls"], found["right_results"]) == (share, share)
    assert found["at_fault"]["wrong_calls"] == ["p1"]


def test_an_answer_without_a_call_is_right_only_if_it_says_what_it_must() -> None:
    probe = {**PROBE, "gold": {"content": "4", "tool_calls": []}, "answer_must": {"hold": [["4"]]}}

    def rate(text: str) -> dict[str, Any]:
        sample = {"id": "p1", "text": text, "stop_reason": "stop"}
        return answers.measure([sample], {"p1": probe}, "<x>")

    assert rate("Four rows.")["answers_rightly"] == 1.0
    found = rate("That is 1 entry.")
    assert (found["abstention"], found["answers_rightly"]) == (1.0, 0.0)
    assert found["at_fault"]["wrong_words"] == ["p1"]
    assert rate('Four. {"name": "read_file", "arguments": {"path": "4"}}')["answers_rightly"] == 0.0
    assert "answers_rightly" not in measured("Done.", gold_calls=False)
