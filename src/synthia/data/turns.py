"""The turns of a chat in the dialects of the common data sets, as the project writes turns.

A turn is {"role", "content"} or {"from", "value"}. Speakers are those of OpenAI, ShareGPT, APIGen-MT,
ms-swift and Llama. Calls stand in tool_calls (OpenAI's, or flat as Mistral's), in function_call, in
Anthropic's blocks, in a turn of their own, or in the text (`synthia.data.calls_in_text`). Null is absent.

Not covered: the order of turns and what calls may hold (`synthia.data.rules`).
"""

import re
from collections.abc import Mapping
from typing import Any

from synthia.data import calls_in_text, declared_tools, reasoning, system_prompts
from synthia.data.literals import given, parsed

ROLES = {
    "system": "system", "developer": "system", "human": "user", "user": "user", "gpt": "assistant",
    "assistant": "assistant", "model": "assistant", "ai": "assistant", "tool": "tool", "function": "tool",
    "observation": "tool", "tool_response": "tool", "function_response": "tool", "ipython": "tool",
    "function_call": "call", "tool_call": "call",
}  # fmt: skip
"""Speakers; a turn of "call" holds JSON of one call or of several."""
FLAGS = ("weight", "train", "training", "trainable", "loss", "loss_scale", "loss_weight")
"""What says whether a turn is learned: 1 or true, 0 or false."""
SPEAKER = ("role", "from")
TEXT = ("content", "value")
_ANY = {*SPEAKER, *TEXT, *FLAGS}
_CALLING = {*_ANY, "tool_calls", "function_call", *reasoning.KEYS}
KEYS = {
    "system": _ANY, "user": _ANY, "assistant": _CALLING, "call": _CALLING,
    "tool": {*_ANY, "name", "tool_name", "tool_call_id"},
}  # fmt: skip
KNOWN = {
    role: f"a turn of role {role!r} has at most {', '.join(sorted(keys))}"
    for role, keys in KEYS.items()
}
RESPONSE = re.compile(r"<tool_response>\s*(.*?)\s*</tool_response>", re.DOTALL)

Row = dict[str, Any]


class Turns:
    """Turns as they are read, with the tools that they declare."""

    def __init__(self, key: str, *, tools: list[Row], thoughts: str) -> None:
        self.messages: list[Row] = []
        self.tools = tools
        self.left_out: list[str] = []
        self._declared = bool(tools)
        self._reasoning = thoughts
        self._strip = key != "messages"
        self._after_call = False

    def add(self, turn: Any, place: str) -> None:
        """Read one turn. Raises ValueError with its place."""
        if not isinstance(turn, Mapping):
            raise ValueError(f"{place} is no JSON object")
        speaker = _one_of(turn, SPEAKER, place)
        role = ROLES.get(speaker, "") if isinstance(speaker, str) else ""
        if not role:
            said = f"{speaker!r}" if speaker is not None else f"it has {', '.join(map(str, turn))}"
            raise ValueError(
                f"{place} has no known speaker under role or from: {said}; known: {', '.join(ROLES)}"
            )
        found = given(turn, KEYS[role], place, KNOWN[role])
        content = _one_of(found, TEXT, place)
        learned = _learned(found, role, place)
        if role == "user" and (content is None or content == []):
            raise ValueError(f"{place} is a user's turn whose text is null or missing")
        if isinstance(content, list):
            self._parts(role, content, found, learned, place)
            return
        text = _text(content, place)
        if role == "system":
            self._system(text, place)
        elif role == "call":
            self._call(found, text, learned, place)
        elif role == "assistant":
            strip = self._strip or "from" in found
            self._assistant(found, text.strip() if strip else text, [], learned, place)
        elif role == "tool":
            self._tool(found, text, place)
        else:
            self._append({"role": role, "content": text})

    def _append(self, turn: Row, *, call: bool = False) -> None:
        self.messages.append(turn)
        self._after_call = call

    def _system(self, text: str, place: str) -> None:
        text, declared = system_prompts.split(text, place, declared=bool(self.tools))
        if declared:
            tools, left_out = declared_tools.convert(declared, f"{place}, tools")
            self.left_out += left_out
            if self.tools and self.tools != tools:
                raise ValueError(
                    f"{place} declares other tools than the row's tools: keep one of them"
                )
            self.tools = tools
            if not text:
                return
        self._append({"role": "system", "content": text})

    def _call(self, found: Row, text: str, learned: Row, place: str) -> None:
        """A turn that is nothing but calls; several in a row are parallel calls."""
        calls = self._beside(found, place)
        calls += calls_in_text.from_json(text, place) if text.strip() else []
        kept = self._thought(found, place)
        last = self.messages[-1] if self.messages else {}
        if self._after_call and not kept and last.get("weight") == learned.get("weight"):
            last["tool_calls"] = [*last["tool_calls"], *calls]
            return
        turn = {"role": "assistant", "content": "", "tool_calls": calls, **learned, **kept}
        self._append(turn, call=True)

    def _assistant(self, found: Row, text: str, calls: list[Row], learned: Row, place: str) -> None:
        names = [tool["function"]["name"] for tool in self.tools]
        said, written = calls_in_text.split(text, names, place)
        beside = [*calls, *self._beside(found, place)]
        if written and beside:
            raise ValueError(f"{place} holds calls in its text and beside it: keep one of them")
        turn: Row = {"role": "assistant", "content": said if written else text}
        if beside or written:
            turn["tool_calls"] = beside or written
        self._append({**turn, **learned, **self._thought(found, place)})

    def _beside(self, found: Row, place: str) -> list[Row]:
        """Calls in tool_calls or function_call."""
        calls = parsed(found.get("tool_calls") or [], f"{place}.tool_calls")
        calls = [] if calls is None else calls
        if not isinstance(calls, list):
            raise ValueError(f"{place}.tool_calls is no list of calls")
        made = [
            _openai_call(
                parsed(each, f"{place}.tool_calls[{index}]"), index, f"{place}.tool_calls[{index}]"
            )
            for index, each in enumerate(calls)
        ]
        for call, each in zip(made, calls, strict=True):
            self._leave_out_absent(call, each)
        if found.get("function_call"):
            if made:
                raise ValueError(f"{place} has both tool_calls and function_call")
            at = f"{place}.function_call"
            one = given(parsed(found["function_call"], at), ("name", "arguments"), at)
            made = [calls_in_text.call(one.get("name"), one.get("arguments"), at)]
        return made

    def _leave_out_absent(self, call: Row, source: Any) -> None:
        """Take null arguments from a call that mean "absent"; in a text, its author wrote them."""
        function = source.get("function") or source if isinstance(source, Mapping) else {}
        arguments = function.get("arguments") if isinstance(function, Mapping) else None
        if isinstance(arguments, Mapping) and None in arguments.values():
            names = declared_tools.absent(call, self.tools)
            kept = {name: value for name, value in arguments.items() if name not in names}
            call["function"]["arguments"] = kept
            self.left_out += ["null arguments"] * bool(names)

    def _thought(self, found: Row, place: str) -> Row:
        """The turn's reasoning as the recipe wants it."""
        if found.keys().isdisjoint(reasoning.KEYS):
            return {}
        given_here = {key: found[key] for key in reasoning.KEYS if found.get(key) not in (None, "")}
        if not given_here:
            return {}
        key, text = next(iter(given_here.items()))
        if not all(isinstance(each, str) for each in given_here.values()):
            raise ValueError(f"{place}.{key} is no text")
        if len(set(given_here.values())) > 1:
            raise ValueError(f"{place} reasons in {' and in '.join(given_here)}, and not the same")
        if self._reasoning == "keep":
            return {"reasoning_content": text}
        if self._reasoning == "drop":
            self.left_out.append("reasoning")
            return {}
        raise ValueError(
            f"{place}.{key} is reasoning: say what to do with it, --set data.reasoning=drop, or keep "
            "where the chat template has a place for it"
        )

    def _tool(self, found: Row, text: str, place: str) -> None:
        name = _one_of(found, ("name", "tool_name"), place)
        about = {"name": name, "tool_call_id": found.get("tool_call_id")}
        about = {key: value for key, value in about.items() if value}
        if not all(isinstance(value, str) for value in about.values()):
            raise ValueError(f"{place}: name and tool_call_id must be text")
        answers = [text]
        if "<tool_response>" in text:
            answers = RESPONSE.findall(text)
            rest = RESPONSE.sub("", text).strip()
            if rest or not answers:
                raise ValueError(f"{place} says {rest[:40]!r} outside of <tool_response>")
        if about and len(answers) > 1:
            raise ValueError(f"{place} holds {len(answers)} results under one name or id")
        for answer in answers:
            self._append({"role": "tool", "content": answer, **about})

    def _parts(self, role: str, parts: list[Any], found: Row, learned: Row, place: str) -> None:
        """Content in parts: text, and Anthropic's tool_use, tool_result and thinking."""
        texts: list[str] = []
        calls: list[Row] = []
        results = 0
        for index, part in enumerate(parts):
            at = f"{place}.content[{index}]"
            if isinstance(part, str):
                raise ValueError(f"{at} is text alone: write {{'type': 'text', 'text': ...}}")
            kind = part.get("type") if isinstance(part, Mapping) else None
            if kind == "text":
                if calls:
                    raise ValueError(f"{at} is text behind a call: the template writes text first")
                texts.append(_required(given(part, ("type", "text"), at), "text", at))
            elif kind == "tool_use" and role == "assistant":
                use = given(part, ("type", "id", "name", "input"), at)
                calls.append(
                    calls_in_text.call(use.get("name"), use.get("input"), at, use.get("id"))
                )
            elif kind == "tool_result" and role == "user" and not texts:
                self._result(part, at)
                results += 1
            elif kind in ("thinking", "reasoning") and role == "assistant":
                thought = given(part, ("type", "thinking", "text", "signature"), at)
                key = "thinking" if "thinking" in thought else "text"
                found = {
                    **found,
                    "thinking": found.get("thinking", "") + _required(thought, key, at),
                }
                if self._reasoning != "refuse" and "signature" in thought:
                    self.left_out.append("signatures of reasoning")
            else:
                raise ValueError(f"{place}.content holds parts that are no text: {kind!r} in {at}")
        text = "".join(texts)
        if role == "assistant":
            self._assistant(found, text, calls, learned, place)
        elif role == "system":
            self._system(text, place)
        elif role == "tool":
            self._tool(found, text, place)
        elif role == "call":
            self._call(found, text, learned, place)
        elif texts or not results:
            self._append({"role": role, "content": text})

    def _result(self, part: Any, place: str) -> None:
        result = given(part, ("type", "tool_use_id", "content", "is_error"), place)
        if result.get("is_error", False) is not False:
            raise ValueError(f"{place}.is_error: say it in the result's text, and remove the key")
        content = result.get("content")
        if isinstance(content, list):
            content = "".join(_text_part(each, f"{place}.content") for each in content)
        turn = {"tool_call_id": result["tool_use_id"]} if result.get("tool_use_id") else {}
        self._tool(turn, _text(content, place), place)


def _one_of(turn: Mapping[str, Any], keys: tuple[str, str], place: str) -> Any:
    one, other = (turn.get(key) for key in keys)
    if one is not None and other is not None:
        raise ValueError(f"{place} has both {keys[0]} and {keys[1]}")
    return other if one is None else one


def _required(part: Row, key: str, place: str) -> str:
    if not isinstance(part.get(key), str):
        raise ValueError(f"{place}.{key} is {'null or missing' if key not in part else 'no text'}")
    return str(part[key])


def _text_part(part: Any, place: str) -> str:
    kind = (part.get("type") or "text") if isinstance(part, Mapping) else None
    if kind != "text":
        raise ValueError(f"{place} holds parts that are no text: {kind!r}")
    return _required(given(part, ("type", "text"), place), "text", place)


def _text(content: Any, place: str) -> str:
    if content is None:
        return ""
    if not isinstance(content, str):
        raise ValueError(f"{place}.content is no text")
    return content


def _learned(found: Row, role: str, place: str) -> Row:
    """{"weight": 0 or 1} where the turn says so, in whatever word."""
    if found.keys().isdisjoint(FLAGS):
        return {}
    values = {}
    for flag in FLAGS:
        if flag in found:
            value = found[flag]
            if not isinstance(value, bool | int | float) or value not in (0, 1):
                raise ValueError(
                    f"{place}.{flag} is {value!r}: use 1, or 0 for a turn without loss"
                )
            values[flag] = int(value)
    if len(set(values.values())) > 1:
        raise ValueError(f"{place} is to be learned by one of {', '.join(values)}, not by another")
    weight = next(iter(values.values()))
    if role in ("assistant", "call"):
        return {"weight": weight} if "weight" in values or weight == 0 else {}
    if weight:
        flag = next(iter(values))
        raise ValueError(
            f"{place}.{flag} asks to learn a turn that is not the assistant's, which is never done: "
            "remove it"
        )
    return {}


def _openai_call(call: Any, index: int, place: str) -> Row:
    """A call of OpenAI's shape, or flat as Mistral writes it."""
    if isinstance(call, Mapping) and isinstance(call.get("function"), str):
        call = {**call, "function": parsed(call["function"], f"{place}.function")}
    if not isinstance(call, Mapping) or not isinstance(call.get("function", call), Mapping):
        raise ValueError(f"{place} holds no function with a name")
    outer = given(call, ("id", "type", "index", "function", "name", "arguments", "args"), place)
    if "args" in outer:  # LangChain's
        if "arguments" in outer or "function" in outer:
            raise ValueError(f"{place} has args beside its function or arguments")
        outer["arguments"] = outer.pop("args")
    if outer.get("type", "function") not in ("function", "tool_call"):
        raise ValueError(f"{place}.type is {outer['type']!r}, no function")
    at = outer.get("index", index)
    if at != index or isinstance(at, bool):
        raise ValueError(
            f"{place}.index is {at!r}, but the call is number {index}: put them in order"
        )
    if "function" in outer:
        if "name" in outer or "arguments" in outer:
            raise ValueError(f"{place} has a name or arguments beside its function")
        inner = given(outer["function"], ("name", "arguments"), f"{place}.function")
    else:
        inner = outer
    if not isinstance(inner.get("name"), str):
        raise ValueError(f"{place} holds no function with a name")
    if "arguments" in (call.get("function") or call) and inner.get("arguments") is None:
        raise ValueError(f"{place}.arguments is null")
    return calls_in_text.call(inner["name"], inner.get("arguments"), place, outer.get("id"))
