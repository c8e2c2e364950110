"""Every template becomes a project of Python files with tests, whatever is drawn."""

import ast
import random
from pathlib import Path

from datagen import table
from datagen.worlds import projects


def test_every_template_is_listed_and_becomes_python() -> None:
    listed = table.read(table.TABLES / "projects.toml", projects.Templates).templates
    files = {path.stem for path in Path(table.TABLES / "projects").iterdir()}
    assert len(listed) == len(files) == 45
    assert set(listed) == files
    for name, template in zip(listed, projects.TEMPLATES, strict=True):
        for seed in range(4):
            project = projects.render(template, random.Random(f"{name}/{seed}"))
            assert project.tests in project.files, name
            for path, text in project.files.items():
                ast.parse(text, f"{name}: {path}")
                assert "$" not in text, (name, path)
