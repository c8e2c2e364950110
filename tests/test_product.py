"""What goes with the product to each client says the same everywhere."""

import json
from pathlib import Path

import pytest

from synthia import product, recipe
from synthia.errors import UsageError

RECIPES = Path(__file__).resolve().parents[1] / "recipes"
SMOKE = recipe.load(RECIPES, "smoke")
TEMPLATE = (RECIPES.parent / "chat_templates/qwen2.5-tools.gotmpl").read_text(encoding="utf-8")


def test_params_and_modelfile_carry_the_recipes_parameters() -> None:
    changed = recipe.load(RECIPES, "smoke", ["serve.temperature=0.3", "serve.num_ctx=4096"])
    params = json.loads(product.ollama_params(changed))
    assert params == {
        "stop": ["<|im_end|>", "<|endoftext|>"],
        "temperature": 0.3,
        "num_ctx": 4096,
    }
    lines = product.modelfile(changed, TEMPLATE).splitlines()
    assert lines[0] == "FROM ./Synthia-Smoke-135M-Q4_K_M.gguf"
    assert lines[-4:] == [
        'PARAMETER stop "<|im_end|>"',
        'PARAMETER stop "<|endoftext|>"',
        "PARAMETER temperature 0.3",
        "PARAMETER num_ctx 4096",
    ]
    assert product.metadata(changed, {})["general.sampling.temp"] == 0.3
    assert "value: 0.3" in product.lm_studio(
        changed, "me/it-GGUF", architecture="llama", parameters="135M", size=1
    )


def test_the_modelfile_holds_the_template_whole() -> None:
    assert '"""' not in TEMPLATE
    assert f'TEMPLATE """{TEMPLATE}"""' in product.modelfile(SMOKE, TEMPLATE)


def test_ollamas_template_ends_where_the_prompt_ends() -> None:
    # Ollama takes the file as it is: its line break would end every prompt, and "\n\n" is another token.
    assert TEMPLATE.endswith("<|im_start|>assistant\n{{ end -}}\n")


def test_ollamas_template_writes_whole_tools_and_shows_no_round_trip() -> None:
    # Printing .Function alone gives Go's own form of a struct; Ollama prefers the GGUF's template to
    # one in which it finds no round trip of tools, which it looks for in these words.
    assert "{{ json . }}" in TEMPLATE
    assert "{{ .Function }}" not in TEMPLATE
    assert 'eq .Role "tool"' not in TEMPLATE
    assert "tool_response" not in TEMPLATE


def test_a_recipe_without_ollamas_default_type_names_its_smallest_file() -> None:
    other = recipe.load(RECIPES, "smoke", ['convert.types=["F16", "Q8_0", "IQ3_S"]'])
    assert product.ollama_file(other) == "Synthia-Smoke-135M-IQ3_S.gguf"


def test_a_context_shorter_than_the_rows_is_refused() -> None:
    with pytest.raises(UsageError, match=r"less than data\.max_length = 512"):
        recipe.load(RECIPES, "smoke", ["serve.num_ctx=256"])
