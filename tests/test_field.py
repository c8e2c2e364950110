"""Faults that public bug reports tell of the tools of this field: their inputs, and tests of their kinds.

The first word of an entry numbers the fault: A of data files, B of recipes, C of machines, D of chat
templates.
"""

import ast
from functools import lru_cache
from pathlib import Path

import field_table
import pytest
from conftest import PROJECT
from field_table import Try

ADDED = "data/test_added_files.py"
LOSES = "data/test_importer_loses_nothing.py"
VALUES = "test_recipe_values.py"
WRONG = "test_a_wrong_value_is_refused_with_what_to_write"
IN = "test_what_cannot_be_read_is_named_and_a_good_row_beside_it_is_kept"
OUT = "test_what_can_be_read_comes_out"
FORM = "test_each_form_comes_out_as_the_project_writes_it"
TRIED: dict[str, list[tuple[str, ...]]] = {
    "A1 a result is lost where two calls of a turn have one id": [(ADDED, IN, "A1 ids twice in a turn")],
    "A2 reasoning is dropped without a word": [
        (LOSES, "test_reasoning_is_refused_dropped_or_kept_as_the_recipe_says", "reasoning_content"),
        (ADDED, IN, "A2 reasoning"),
    ],
    "A3 a turn that says it is not to be learned is trained": [
        (LOSES, "test_each_word_for_no_loss_becomes_weight_0", "loss_scale"),
        (ADDED, OUT, "A3 in ShareGPT's form"),
    ],
    "A4 calls are lost where turns have roles under conversations": [
        (LOSES, FORM, "conversations with roles")],
    "A5 functions beside function_call are lost": [(LOSES, FORM, "legacy functions")],
    "A6 ToolACE's calls are taught as text": [(LOSES, FORM, "ToolACE")],
    "A7 Glaive's calls are taught as text": [(LOSES, FORM, "Glaive in ShareGPT's clothes")],
    "A8 a rule beside the <tools> block is lost": [
        (LOSES, "test_of_a_system_prompt_only_the_known_sentences_go")],
    "A9 of a key that stands twice in the arguments one value is lost": [
        (ADDED, IN, "A9 a key twice in the arguments")],
    "A10 a text part of null is a traceback": [(ADDED, IN, "A10 a part without text")],
    "A11 a file that is not UTF-8 is a traceback": [
        (ADDED, IN, "A11 UTF-16"), (ADDED, IN, "A11 Latin-1")],
    "A12 a packed file, Parquet and Arrow are a traceback": [
        (ADDED, OUT, "A12 gzip"),
        (ADDED, "test_rows_of_arrow_are_read_with_their_nulls_as_absent", "Parquet"),
    ],
    "A13 half a character is a traceback": [(ADDED, IN, "A13 half a character")],
    "A14 a Python literal that JSON cannot say is a traceback": [(ADDED, IN, "A14 a set")],
    "A15 null or a number for a list is a traceback": [
        (ADDED, IN, "A15 null for a list"), (ADDED, IN, "A15 a number for a list")],
    "A16 joiners of emoji and of Persian are called invisible": [
        (ADDED, OUT, "A16 emoji"), (ADDED, OUT, "A16 Persian and Hindi")],
    "A17 a greeting is called a leak": [(ADDED, OUT, "A17 a greeting")],
    "A18 a password of this machine is called a secret": [
        (ADDED, OUT, "A18 credentials of this machine")],
    "A19 a word that begins with sk- is called a secret": [
        (ADDED, OUT, "A19 a word that begins like a key")],
    "A20 a schema without type, or with $ref at its top, is refused": [
        (ADDED, OUT, "A20 parameters without a type"), (ADDED, OUT, "A20 a reference at the top")],
    "A21 a pattern of JavaScript is called no regular expression": [
        (ADDED, OUT, "A21 a pattern of JavaScript")],
    "A22 a tuple of draft 7 is called no schema": [(ADDED, OUT, "A22 a tuple of draft 7")],
    "A23 null and an empty list in every turn are refused": [(LOSES, FORM, "Arrow's nulls")],
    "A24 OpenAI's optional keys are refused without a name": [
        (ADDED, OUT, "A24 no description, strict, index")],
    "A25 columns of JSON text are refused": [(LOSES, FORM, "columns of JSON text")],
    "A26 roles of ms-swift and Llama, and Mistral's calls, are refused": [
        (LOSES, FORM, "ms-swift"), (LOSES, FORM, "Llama's ipython"), (LOSES, FORM, "Mistral"),
        (LOSES, FORM, "from and value under messages"),
    ],
    "A27 an object over many lines is a problem a line": [
        (ADDED, OUT, "A27 an object over many lines"), (ADDED, OUT, "A27 a comma after each line"),
        (ADDED, OUT, "A27 an array with a comma at its end"),
    ],
    "A28 a file without a row that can be read is called empty": [(ADDED, IN, "A28 an image")],
    "A29 a duplicate is named by the line of another file": [
        (ADDED, "test_duplicates_name_the_lines_of_the_file_that_was_added")],
    "A30 nobody says that --add converts the file of a recipe": [
        (ADDED, "test_a_recipes_file_in_a_public_form_is_told_how_it_is_converted")],
    "A31 nobody says that tokens were not counted": [
        (ADDED, "test_rows_of_arrow_are_read_with_their_nulls_as_absent", "Parquet")],
    "A32 a name that JSON must escape is trained as broken calls": [
        (ADDED, IN, "A32 a name that JSON must escape")],
    "B1 a module that is not there is passed over": [
        ("stages/hf/test_lora_targets.py",
         "test_a_name_that_matches_nothing_is_named_before_and_after_loading")],
    "B2 embed_tokens and lm_head are refused when the GPU hours are spent": [
        (VALUES, WRONG, 'lora.target_modules=["q_proj","embed_tokens"]')],
    "B3 all-linear is a traceback": [
        (VALUES, "test_all_linear_is_pefts_word"),
        (VALUES, WRONG, 'lora.target_modules=["all-linear"]'),
    ],
    "B4 an optimizer, a seed or a number of steps is refused late or never": [
        (VALUES, WRONG, "training.optim=adamw_torchh"), (VALUES, WRONG, "training.seed=4294967296000"),
        (VALUES, WRONG, "training.max_steps=0"),
    ],
    "B5 a folder cannot be the base, or is taken for a name on the Hub": [
        ("test_model_folder.py", "test_fetch_copies_the_folder_without_a_network"),
        (VALUES, WRONG, "model.repo_id=./my-model"),
    ],
    "B6 a repository without weights is green": [
        ("stages/hf/test_lora_targets.py", "test_a_model_without_safetensors_is_red")],
    "B7 a refusal of the Hub is called an outage": [
        ("stages/test_hub_answers.py", "test_a_refusal_says_what_to_do_and_not_to_try_again")],
    "B8 Python's True is refused without the word to write": [
        (VALUES, WRONG, "model.load_in_4bit=True")],
    "B9 a short name is refused without the long one": [(VALUES, WRONG, "training.lr=1e-4")],
    "B10 a name with _ and a byte order mark are refused without the reason": [
        (VALUES, "test_a_recipe_of_ones_own_may_have_an_underscore_in_its_name"),
        (VALUES, "test_a_byte_order_mark_is_named"),
    ],
    "B11 a key below a plain value is a traceback": [(VALUES, WRONG, "description.x=1")],
    "B12 a value of --set is said to stand in the file": [
        (VALUES, "test_a_value_of_the_file_and_one_of_set_are_told_apart")],
    "B13 a Windows path is taken for a relative one": [
        (VALUES, WRONG, 'data.files=["C:/Users/me/mine.jsonl"]')],
    "C1 an environment whose Python is gone fails for ever": [
        ("host/test_place.py", "test_an_environment_whose_python_is_gone_is_made_anew_once")],
    "C2 a user without a home is a traceback": [
        ("host/test_place.py", "test_a_user_without_a_home_is_told_what_to_set")],
    "C3 a project that another user set up is a traceback": [
        ("host/test_place.py", "test_a_project_that_somebody_else_set_up_is_named_with_its_owner")],
    "C4 a noexec mount is noticed when the environment is full": [
        ("host/test_place.py", "test_a_noexec_mount_is_noticed_before_anything_is_downloaded")],
    "C5 the mirror of pip's install section is passed by": [
        ("host/test_place.py",
         "test_the_index_of_pips_install_section_is_uvs_and_the_failure_names_the_setting")],
    "C6 a Python below a path with a space is split": [
        ("test_bootstrap.py",
         "test_a_python_in_a_folder_with_a_space_can_be_named_and_another_one_makes_it_anew")],
    "C7 another Python is ignored after the first call": [
        ("test_bootstrap.py", "test_a_named_python_that_does_not_fit_is_said_also_after_the_first_call")],
    "C8 Ctrl-C is a traceback of the child": [
        ("test_boundary.py", "test_ctrl_c_ends_a_tool_and_its_workers_in_silence_and_nothing_is_left")],
    "D1 tojson with indent is refused": [
        ("data/test_jinja.py", "test_a_template_renders_as_transformers_renders_it", "tojson(indent")],
    "D2 the tag generation is refused": [
        ("data/test_jinja.py", "test_a_template_renders_as_transformers_renders_it", "{% generation %}")],
    "D3 special tokens render as nothing": [
        ("data/test_jinja.py", "test_special_tokens_are_the_tokenizers_and_the_stop_contracts")],
    "D4 a clock in a template is refused without the reason": [
        ("data/test_jinja.py", "test_what_transformers_would_write_wrongly_is_refused", "strftime_now")],
}  # fmt: skip


@lru_cache
def claims(file: str) -> tuple[set[str], str]:
    """The test functions of a file, and all texts in it and in the rows that tests share."""
    source = ast.parse((PROJECT / "tests" / file).read_text(encoding="utf-8"))
    shared = ast.parse((PROJECT / "tests" / "public_rows.py").read_text(encoding="utf-8"))
    names = {node.name for node in source.body if isinstance(node, ast.FunctionDef)}
    texts = [
        node.value
        for node in (*ast.walk(source), *ast.walk(shared))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return names, "\n".join(texts)


@pytest.mark.parametrize("fault", TRIED)
def test_a_fault_of_the_field_has_a_test(fault: str) -> None:
    assert TRIED[fault]
    for file, name, *case in TRIED[fault]:
        names, texts = claims(file)
        assert name in names
        assert all(each in texts for each in case), case


def test_no_fault_of_the_field_is_left_out() -> None:
    counts = {"A": 32, "B": 13, "C": 8, "D": 4}
    numbers = [
        f"{part}{number}" for part, count in counts.items() for number in range(1, count + 1)
    ]
    assert [fault.split()[0] for fault in TRIED] == numbers
    assert {*numbers} == field_table.FAULTS
    assert all((Path(PROJECT) / "tests" / each[0][0]).exists() for each in TRIED.values())


def test_every_input_is_tried() -> None:
    names = {tried.input for _, tried in field_table.CASES} | {"data.jsonl", "table.toml"}
    assert {path.name for path in field_table.INPUTS.iterdir()} <= names


@pytest.mark.parametrize(
    ("number", "tried"),
    field_table.CASES,
    ids=[f"{n} {each.input}" for n, each in field_table.CASES],
)
def test_an_input_of_the_field_has_its_right_outcome(number: str, tried: Try) -> None:
    assert field_table.wrong(tried, field_table.run(number, tried)) == ""
