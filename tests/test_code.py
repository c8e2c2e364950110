"""Code digests: a stage depends on itself and on all it imports, and on nothing else."""

from pathlib import Path

from synthia import code

SOURCE = Path(__file__).resolve().parents[1] / "src"


def test_imports_are_followed_however_deep(tmp_path: Path) -> None:
    package = tmp_path / "synthia"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text("from synthia import b\n")
    (package / "b.py").write_text("import json\nfrom synthia.c import thing\n")
    (package / "c.py").write_text("thing = 1\n")
    (package / "d.py").write_text("")
    names = [f"synthia/{name}.py" for name in ("__init__", "a", "b", "c")]
    assert list(code.digests(tmp_path, "synthia.a")) == names


def test_relative_imports_are_followed_too(tmp_path: Path) -> None:
    inner = tmp_path / "synthia" / "inner"
    inner.mkdir(parents=True)
    written = {
        "__init__": "",
        "a": "from . import b\nfrom .inner import d\n",
        "b": "",
        "inner/__init__": "from .c import thing\n",
        "inner/c": "from ..e import thing\n",
        "inner/d": "",
        "e": "thing = 1\n",
        "f": "",
    }
    for name, text in written.items():
        (tmp_path / f"synthia/{name}.py").write_text(text)
    found = code.digests(tmp_path, "synthia.a")
    assert found.keys() == {f"synthia/{name}.py" for name in written if name != "f"}


def test_a_page_that_a_module_fills_in_is_of_its_code_with_what_that_extends(
    tmp_path: Path,
) -> None:
    package = tmp_path / "synthia"
    package.mkdir()
    (package / "a.py").write_text('template = "a.html.jinja"\nchat = "elsewhere.jinja"\n')
    (package / "a.html.jinja").write_text('{% extends "page.html.jinja" %}')
    (package / "page.html.jinja").write_text("<html>")
    (package / "b.html.jinja").write_text("")
    names = ["synthia/a.html.jinja", "synthia/a.py", "synthia/page.html.jinja"]
    assert list(code.digests(tmp_path, "synthia.a")) == names


def test_a_stage_does_not_depend_on_other_stages() -> None:
    stages = sorted(path.stem for path in (SOURCE / "synthia/stages").glob("*.py"))
    from synthia.stage import BY_NAME

    for name in BY_NAME:
        assert name in stages
        found = code.digests(SOURCE, f"synthia.stages.{name}")
        others = {f"synthia/stages/{other}.py" for other in BY_NAME if other != name}
        assert not found.keys() & others, name
        assert f"synthia/stages/{name}.py" in found
