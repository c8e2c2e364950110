"""Values that users get wrong are refused when the recipe is read, with what to write instead."""

import ast
import shutil
from pathlib import Path

import pytest
from conftest import PROJECT

from synthia import recipe, recipe_values
from synthia.errors import UsageError
from synthia.host import environments

RECIPES = PROJECT / "recipes"


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ('lora.target_modules=["q_proj","embed_tokens"]', "lora.trainable_token_indices"),
        (
            'lora.target_modules=["q_proj","model.lm_head"]',
            "model.lm_head: a table of the vocabulary",
        ),
        (
            'lora.target_modules=["all-linear"]',
            'write the word alone: target_modules = "all-linear"',
        ),
        ("lora.target_modules=every", 'a list of names, or the word "all-linear"'),
        ("lora.target_modules=[]", "at least one module"),
        ('lora.target_modules=["q_proj","q_proj"]', "q_proj: named twice"),
        ("training.optim=adamw_torchh", "none of transformers' optimizers: adafactor, "),
        ("training.optim=galore_adamw", "needs a package or a device"),
        ("training.seed=4294967296000", "less than 4294967296"),
        ("training.max_steps=0", "write -1 for as many steps as the epochs need"),
        ("training.max_steps=-2", "greater than or equal to -1"),
        ("model.repo_id=/data/models/X", 'source = "folder"'),
        ("model.repo_id=./my-model", 'source = "folder"'),
        ("model.source=local", '\'local\': it is one of "hub", "wheel", "folder"'),
        ("model.load_in_4bit=True", "should be a valid boolean: write true"),
        ("model.load_in_4bit=yes", "should be a valid boolean: write true"),
        ("training.bs=1", "Did you mean 'per_device_train_batch_size'?"),
        ("mine.key.x=1", "unknown key 'mine'"),
        ('data.files=["https://host/mine.jsonl"]', "a relative path inside the project"),
        ("training.lr=1e-4", "Did you mean 'learning_rate'?"),
        ("training.batch_size=1", "Did you mean 'per_device_train_batch_size'?"),
        ("training.epochs=1", "Did you mean 'num_train_epochs'?"),
        ("description.x=1", "description is a value and has no keys"),
        ('data.files=["C:/Users/me/mine.jsonl"]', "a relative path inside the project"),
        ('data.files=["~/mine.jsonl"]', "a relative path inside the project"),
    ],
)
def test_a_wrong_value_is_refused_with_what_to_write(override: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        recipe.load(RECIPES, "smoke", [override])
    assert said in str(error.value)
    assert f"--set {override}" in str(error.value) or f"--set {override!r}" in str(error.value)


def test_a_value_of_the_file_and_one_of_set_are_told_apart(tmp_path: Path) -> None:
    text = (RECIPES / "smoke.toml").read_text().replace("max_steps = 24", "max_steps = 0")
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(UsageError) as error:
        recipe.load(tmp_path, "mine", ["training.lr=1", "lora.r=0"])
    in_file, unknown, rank = sorted(str(error.value).splitlines(), reverse=True)
    assert in_file.startswith("recipes/mine.toml: training.max_steps = 0")
    assert unknown.startswith("--set training.lr=1: unknown key")
    assert rank.startswith("--set lora.r=0: lora.r = 0")


def test_all_linear_is_pefts_word() -> None:
    assert recipe.load(
        RECIPES, "smoke", ["lora.target_modules=all-linear"]
    ).lora.target_modules == ("all-linear")


def test_a_recipe_of_ones_own_may_have_an_underscore_in_its_name(tmp_path: Path) -> None:
    for name in ("my_recipe", "My Recipe"):
        shutil.copyfile(RECIPES / "smoke.toml", tmp_path / f"{name}.toml")
    assert recipe.load(tmp_path, "my_recipe").name == "my_recipe"
    with pytest.raises(
        UsageError, match=r"small letters, digits, '\.', '_' and '-'.*rename the file"
    ):
        recipe.load(tmp_path, "My Recipe")


def test_a_byte_order_mark_is_named(tmp_path: Path) -> None:
    (tmp_path / "bom.toml").write_bytes(b"\xef\xbb\xbf" + (RECIPES / "smoke.toml").read_bytes())
    with pytest.raises(UsageError, match="begins with a byte order mark"):
        recipe.load(tmp_path, "bom")


def test_a_name_matches_a_layers_path_or_its_end_as_in_peft() -> None:
    layers = ["model.layers.0.self_attn.q_proj", "model.layers.0.mlp.up_proj", "lm_head"]
    assert recipe_values.unmatched(["q_proj", "0.mlp.up_proj", layers[0]], layers) == ""
    said = recipe_values.unmatched(["q_proj", "v_prj", "proj"], layers)
    assert "names v_prj, proj, which no linear layer" in said
    assert said.endswith("it has q_proj, up_proj")


@pytest.mark.slow
def test_the_optimizers_are_those_of_the_locked_transformers() -> None:
    python = environments.ensure(PROJECT, "train")
    (source,) = python.parents[1].glob("lib/python*/site-packages/transformers/training_args.py")
    classes = (
        node for node in ast.parse(source.read_text()).body if isinstance(node, ast.ClassDef)
    )
    names = next(each for each in classes if each.name == "OptimizerNames")
    theirs = {ast.literal_eval(line.value) for line in names.body if isinstance(line, ast.Assign)}
    assert len(theirs) > 30
    assert {*recipe_values.OPTIMIZERS, *recipe_values.NOT_INSTALLED} == theirs
    assert not {*recipe_values.OPTIMIZERS} & {*recipe_values.NOT_INSTALLED}
