"""What engines that are not llama.cpp make of a GGUF file: python benchmarks/consumers/engines.py NAME FILE

NAME is mistralrs, whose loader, tokenizer and templates are in Rust, or openvino, which converts the file
into a graph and a tokenizer of its own. Asked are a call and a plain answer, greedily; one line of JSON
comes out. For openvino, which leaves calls in the text, the prompt is printed as well. Run it in the
environment `engines`; table.py does.

Not covered: their sampling, streams and servers; GPUs.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

QUESTION, PLAIN = "Count the lines of app/main.py.", "What is the capital of France?"
TOOL = {"type": "function", "function": {
    "name": "count_lines", "description": "Count lines",
    "parameters": {"type": "object", "properties": {"path": {"type": "string"}},
                   "required": ["path"]}}}  # fmt: skip
LONGEST = 100


def mistralrs(file: Path) -> dict[str, Any]:
    """By mistral.rs, which parses calls."""
    from mistralrs import ChatCompletionRequest, Runner, Which

    runner = Runner(
        which=Which.GGUF(quantized_model_id=str(file.parent), quantized_filename=file.name)
    )

    def ask(question: str, tools: list[str] | None) -> Any:
        asked = ChatCompletionRequest(
            model="default", messages=[{"role": "user", "content": question}], tool_schemas=tools,
            max_tokens=LONGEST, temperature=0.0,
        )  # fmt: skip
        return runner.send_chat_completion_request(asked).choices[0]

    called, plain = ask(QUESTION, [json.dumps(TOOL)]), ask(PLAIN, None)
    calls = [(call.function.name, call.function.arguments)
             for call in called.message.tool_calls or []]  # fmt: skip
    return {"version": version("mistralrs"), "calls": calls, "end": called.finish_reason,
            "plain": plain.message.content, "plain end": plain.finish_reason}  # fmt: skip


def openvino(file: Path) -> dict[str, Any]:
    """By OpenVINO GenAI, which does not parse calls."""
    import openvino_genai

    pipeline = openvino_genai.LLMPipeline(str(file), "CPU")
    tokenizer = pipeline.get_tokenizer()
    config = openvino_genai.GenerationConfig()
    config.max_new_tokens, config.do_sample, config.apply_chat_template = LONGEST, False, False
    config.set_eos_token_id(tokenizer.get_eos_token_id())

    def ask(chat: list[dict[str, str]], tools: list[Any]) -> tuple[str, str]:
        prompt = tokenizer.apply_chat_template(chat, add_generation_prompt=True, tools=tools)
        return prompt, str(pipeline.generate(prompt, config))

    chat = [{"role": "user", "content": QUESTION}]
    (prompt, called), (_, plain) = ask(chat, [TOOL]), ask([{"role": "user", "content": PLAIN}], [])
    return {"version": version("openvino-genai"), "messages": chat, "tools": [TOOL],
            "prompt": prompt, "called": called, "plain": plain}  # fmt: skip


def main() -> None:
    """Ask, and print."""
    name, file = sys.argv[1:]
    print(json.dumps({"mistralrs": mistralrs, "openvino": openvino}[name](Path(file).resolve())))


if __name__ == "__main__":
    main()
