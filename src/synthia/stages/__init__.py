"""One module per stage, each with one public function `run(recipe, inputs, out) -> list[Gate]`.

A stage reads only the folders in `inputs` and writes only under `out`. Stages run inside a locked
environment and may import torch, transformers or llama.cpp's bindings; they never import each other.
The order of the stages and what connects them is in `synthia.stage`, not here.
"""
