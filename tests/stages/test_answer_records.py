"""The record of an answer, by token ids and from the server."""

from synthia.stages import answer_records, answers


class Tokenizer:
    """Has one letter for each id."""

    def decode(self, ids: list[int], *, skip_special_tokens: bool) -> str:
        assert not skip_special_tokens
        return "".join(chr(96 + index) for index in ids)


def test_an_answer_by_ids_that_stops_keeps_the_stop_out_of_its_text() -> None:
    stopped = answer_records.by_id(Tokenizer(), "p1", [1, 2, 3], {3})
    assert stopped == {
        "id": "p1",
        "output_ids": [1, 2, 3],
        "text": "ab",
        "stop_reason": "stop",
        "stop_id": 3,
    }
    assert list(stopped) == ["id", "output_ids", "text", "stop_reason", "stop_id"]
    cut = answer_records.by_id(Tokenizer(), "p1", [1, 2], {3})
    assert (cut["text"], cut["stop_reason"], cut["stop_id"]) == ("ab", "length", None)
    assert answers.read_answer(stopped).text == "ab"


def test_a_served_answer_holds_the_calls_that_the_server_parsed() -> None:
    texts = ('{"a": 1}', "[1]", "{no")
    calls = [{"function": {"name": "f", "arguments": text}} for text in texts]
    choice = {"message": {"content": None, "tool_calls": calls}, "finish_reason": "tool_calls"}
    served = answer_records.served("p1", choice)
    assert list(served) == ["id", "content", "tool_calls", "stop_reason"]
    assert (served["content"], served["stop_reason"]) == ("", "stop")
    # Arguments that are no object stay text.
    assert [call["arguments"] for call in served["tool_calls"]] == [{"a": 1}, "[1]", "{no"]
    assert len(answers.read_answer(served).errors) == 2
    cut = answer_records.served("p1", {"message": {"content": "a"}, "finish_reason": "length"})
    assert (cut["content"], cut["tool_calls"], cut["stop_reason"]) == ("a", [], "length")
