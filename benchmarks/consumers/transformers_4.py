"""What transformers computes of the product: python benchmarks/consumers/transformers_4.py FOLDER PROBES

Prints one line of JSON: the version, the base of the rotary embedding as it is computed with, how many
prompts have the ids of prepare's probes, and the model's first choice at every gold token. Run it with
transformers 4 and with the locked one, and compare; FOLDER is `16bit`, PROBES `prepare/probes.jsonl`.

Not covered: whole answers, which take a hundred times as long.
"""

import json
import sys
from pathlib import Path

import torch
import transformers

COUNT = 6
"""Probes, spread over the file."""


def main() -> None:
    """Compute and print."""
    folder, probes = sys.argv[1:]
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    frequencies = model.model.rotary_emb.inv_freq
    base = float(1 / frequencies[1]) ** len(frequencies)
    lines = [json.loads(line) for line in Path(probes).read_text(encoding="utf-8").splitlines()]
    ids_equal, first = 0, {}
    for probe in lines[:: len(lines) // COUNT][:COUNT]:
        text = tokenizer.apply_chat_template(
            probe["messages"], tools=probe["tools"], add_generation_prompt=True, tokenize=False
        )
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        ids_equal += ids == probe["prompt_ids"]
        with torch.no_grad():
            logits = model(torch.tensor([ids + probe["gold_ids"]])).logits[0, len(ids) - 1 : -1]
        first[probe["id"]] = logits.argmax(-1).tolist()
    found = {"version": transformers.__version__, "rotary base": round(base)}
    print(json.dumps({**found, "equal prompts": ids_equal, "first choices": first}))


if __name__ == "__main__":
    main()
