"""Recipes: strict, frozen, overridable, and helpful when wrong."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from synthia import recipe
from synthia.errors import UsageError

RECIPES = Path(__file__).resolve().parents[1] / "recipes"


@pytest.mark.parametrize("name", recipe.names(RECIPES))
def test_every_recipe_loads_and_survives_its_resolved_form(name: str) -> None:
    import json

    loaded = recipe.load(RECIPES, name)
    assert loaded.name == name
    assert recipe.parse(json.loads(recipe.resolved(loaded)), origin="resolved") == loaded


def test_the_default_recipe_has_the_settings_of_the_original_system() -> None:
    loaded = recipe.load(RECIPES, recipe.DEFAULT)
    assert loaded.lora.r == 16
    assert loaded.training.learning_rate == 2e-4
    assert loaded.training.per_device_train_batch_size == 1
    assert loaded.training.gradient_accumulation_steps == 8
    assert loaded.training.num_train_epochs == 1.0
    assert loaded.model.load_in_4bit
    assert loaded.convert.types == ["F16", "Q5_K_M", "Q4_K_M"]
    assert [Path(path).name for path in loaded.data.files] == [
        "train.jsonl",
        "flask_templates.jsonl",
        "failure_recovery.jsonl",
        "train_improved.jsonl",
    ]


@pytest.mark.parametrize("name", recipe.names(RECIPES))
def test_the_pad_token_is_no_stop_token(name: str) -> None:
    loaded = recipe.load(RECIPES, name)
    assert loaded.stop.pad_token not in (
        loaded.stop.terminator,
        loaded.stop.eos_token,
        loaded.stop.row_end,
    )


def test_the_comparing_gates_of_smoke_are_those_of_the_default() -> None:
    ours, default = (recipe.load(RECIPES, name).evaluate for name in ("smoke", recipe.DEFAULT))
    compared = [
        field for field in type(ours).model_fields
        if field == "fidelity" or field.startswith(("min_stop", "max_stop", "min_tool"))
    ]  # fmt: skip
    assert len(compared) == 5
    for field in compared:
        assert getattr(ours, field) == getattr(default, field), field


@pytest.mark.parametrize("name", recipe.names(RECIPES))
def test_no_recipe_has_a_gate_on_exact_calls_that_cannot_fail(name: str) -> None:
    limits = recipe.load(RECIPES, name).evaluate
    assert limits.min_exact_calls >= 0.5
    assert limits.min_exact_calls_gain >= 0.2


def test_a_type_is_added_by_its_name_alone_in_any_case() -> None:
    words = ['convert.types=["f16", "q8_0", "iq4_xs", "Q4_K"]', "convert.imatrix=true"]
    loaded = recipe.load(RECIPES, "smoke", words)
    assert loaded.convert.types == ["F16", "Q8_0", "IQ4_XS", "Q4_K_M"]
    assert list(loaded.evaluate.fidelity) == loaded.convert.types
    assert loaded.evaluate.fidelity["IQ4_XS"].max_kld == 0.05
    assert loaded.evaluate.fidelity["Q8_0"].max_kld == 0.005


def test_a_limit_of_a_type_can_be_set_and_the_others_stay() -> None:
    loaded = recipe.load(RECIPES, "smoke", ["evaluate.fidelity.q5_k_m.max_kld=0.03"])
    assert loaded.evaluate.fidelity["Q5_K_M"].max_kld == 0.03
    assert loaded.evaluate.fidelity["Q5_K_M"].min_top1 == 0.94
    assert list(loaded.evaluate.fidelity) == ["F16", "Q5_K_M", "Q4_K_M"]


def test_a_recipe_cannot_be_changed() -> None:
    loaded = recipe.load(RECIPES, "smoke")
    with pytest.raises(ValidationError):
        loaded.lora.r = 8


def test_an_override_is_read_as_toml_and_as_text_where_it_is_none() -> None:
    words = ["training.learning_rate=1e-4", "data.files=['data/a.jsonl']", "convert.name=My model"]
    loaded = recipe.load(RECIPES, "smoke", words)
    assert loaded.training.learning_rate == 1e-4
    assert loaded.data.files == ["data/a.jsonl"]
    assert loaded.convert.name == "My model"


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("training.learning_rat=1", "Did you mean 'learning_rate'?"),
        ("dat.files=[]", "Did you mean 'data'?"),
        ("model.slice=x", "Did you mean 'slices'?"),
        ("training.learning_rate", "section.key=value"),
        ("lora.r=sixteen", "lora.r = 'sixteen'"),
        ("lora.r=-1", "lora.r = -1"),
        ("lora.r=1.5", "lora.r = 1.5"),
        ("data.files=['../secret']", "inside the project"),
        ("data.files=['/etc/passwd']", "inside the project"),
        ("convert.types=['Q4_K_M']", 'start with "F16"'),
        ("convert.types=['F16', 'q4_k_m', 'Q4_K']", "start with"),
        ("convert.types=['F16', 'Q4_K_X']", "Did you mean Q4_K_"),
        ("convert.types=['F16', 'IQ2_M']", "convert.imatrix = true"),
        ("evaluate.fidelity.Q4_K_M.max_kl=1", "Did you mean 'max_kld'?"),
        ("evaluate.fidelity.Q4_K_M.max_kld.x=1", "evaluate.fidelity.Q4_K_M.max_kld"),
        ("lora.r.x=1", "r is a value"),
        ("model.source=ftp", "ftp"),
        ("lora=3", "section.key=value"),
    ],
)
def test_a_wrong_override_is_explained(override: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        recipe.load(RECIPES, "smoke", [override])
    assert said in str(error.value)
    assert error.value.exit_code == 2


def test_an_unknown_recipe_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"Did you mean 'smoke'\?"):
        recipe.load(RECIPES, "smok")


def test_a_recipe_that_is_no_toml_names_the_place(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[model\n")
    with pytest.raises(UsageError, match=r"bad\.toml is no valid TOML.*line 1"):
        recipe.load(tmp_path, "bad")


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    text = (RECIPES / "smoke.toml").read_text().replace("max_length = 512\n", "")
    (tmp_path / "cut.toml").write_text(text)
    with pytest.raises(UsageError, match=r"'data\.max_length' is missing"):
        recipe.load(tmp_path, "cut")


def test_the_json_schema_for_editors_is_current() -> None:
    assert (RECIPES / "schema.json").read_text() == recipe.json_schema()
