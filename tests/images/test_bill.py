"""The bill of materials: every locked wheel, nothing else, and the same bytes each time."""

import json
import tarfile
from pathlib import Path
from typing import Any

import layouts
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from pretended_engine import BASE, OWN, SITE, locked_hash, offer, wheel

from synthia.errors import PipelineError
from synthia.images import (
    bill,
    build as images,
    buildx,
    description as image_description,
    inputs as image_inputs,
    notes as image_notes,
    oci,
)
from synthia.llama_cpp import flags as llama_flags

SCHEMA = JsonStrictValidator(SchemaVersion.V1_6)
"""CycloneDX's own: every bill that these tests make is held to it."""
MIT = "License-Expression: MIT"


def make(
    home: Path, own: dict[str, layouts.Item], files: dict[str, str], name: str = "train"
) -> bytes:
    folder = home / "bill" / str(len(list((home / "bill").glob("*"))))
    layouts.write(folder, [BASE, own], made_by=["base", "RUN install"])
    image = oci.read(folder)
    base = image.diff_ids[:1]
    described = image_description.describe(image, "standin", base, epoch=buildx.EPOCH)
    content = bill.make(image_inputs.gather(home, name), image, base, described, files)
    assert SCHEMA.validate_str(content.decode()) is None
    return content


def component(content: bytes, name: str) -> dict[str, Any]:
    (found,) = [one for one in json.loads(content)["components"] if one["name"] == name]
    return dict(found)


@pytest.fixture
def numpy(home: Path) -> tuple[dict[str, layouts.Item], dict[str, str]]:
    """An image's files with one locked wheel, and what was downloaded for it."""
    version, digest = locked_hash(home, "numpy")
    return wheel("numpy", version, MIT, core="1"), {f"numpy-{version}-py3-none-any.whl": digest}


def facts(found: dict[str, Any]) -> dict[str, str]:
    return {item["name"].removeprefix("synthia:"): item["value"] for item in found["properties"]}


def test_a_wheel_is_named_with_version_licence_and_the_digest_of_its_file(
    home: Path, numpy: tuple[dict[str, layouts.Item], dict[str, str]]
) -> None:
    own, files = numpy
    ((file, digest),) = files.items()
    version = file.split("-")[1]
    found = component(make(home, own, files), "numpy")
    assert found["purl"] == f"pkg:pypi/numpy@{version}"
    assert found["hashes"] == [{"alg": "SHA-256", "content": digest}]
    assert found["licenses"] == [{"expression": "MIT", "acknowledgement": "declared"}]
    assert facts(found) == {"file": file, "licence-from": "License-Expression"}


def test_a_bill_is_the_same_bytes_twice_and_keeps_cyclonedx_rules(
    home: Path, numpy: tuple[dict[str, layouts.Item], dict[str, str]]
) -> None:
    own, files = numpy
    once = make(home, own, files)
    assert once == make(home, own, dict(reversed(files.items())))
    parsed = json.loads(once)
    references = [
        one["bom-ref"] for one in [parsed["metadata"]["component"], *parsed["components"]]
    ]
    assert len(set(references)) == len(references)
    assert parsed["compositions"][0]["assemblies"] == references[:1]
    changed = parsed | {"components": [{"type": "library", "name": "a", "hashes": ["x"]}]}
    assert SCHEMA.validate_str(json.dumps(changed)) is not None


def test_a_bill_holds_no_time_and_not_the_bases_name(
    home: Path, numpy: tuple[dict[str, layouts.Item], dict[str, str]]
) -> None:
    text = make(home, *numpy).decode()
    assert [word for word in ("timestamp", "standin", "1980", str(home)) if word in text] == []


def test_base_and_layers_are_named_by_digest(
    home: Path, numpy: tuple[dict[str, layouts.Item], dict[str, str]]
) -> None:
    parsed = json.loads(make(home, *numpy))
    listed = [item["value"] for item in parsed["metadata"]["component"]["properties"]
              if item["name"] == "synthia:layer"]  # fmt: skip
    base = component(json.dumps(parsed).encode(), "base image")
    assert len(listed) == 2
    assert [item["value"] for item in base["properties"]] == listed[:1]
    assert base["version"] == image_description.base_key(listed[:1])


@pytest.mark.parametrize(
    ("said", "licences", "source"),
    [
        (["License: BSD-3-Clause", "Classifier: License :: OSI Approved :: BSD License"],
         ["BSD-3-Clause"], "License"),
        (["License: UNKNOWN", "Classifier: License :: OSI Approved :: MIT License",
          "Classifier: License :: OSI Approved :: Apache Software License"],
         ["Apache Software License", "MIT License"], "Classifier"),
        (["License: The Licence", "        of many lines",
          "Classifier: License :: OSI Approved :: MIT License"], ["MIT License"], "Classifier"),
        (["License: The Licence", "        of many lines"], ["The Licence"], "License"),
        (["Classifier: Private :: Do Not Upload"], ["unknown"], "nothing"),
    ],
)  # fmt: skip
def test_a_licence_is_what_the_wheel_declares_or_honestly_unknown(
    home: Path, said: list[str], licences: list[str], source: str
) -> None:
    version, digest = locked_hash(home, "numpy")
    own = wheel("numpy", version, *said)
    found = component(make(home, own, {f"numpy-{version}-py3-none-any.whl": digest}), "numpy")
    assert [one["license"]["name"] for one in found["licenses"]] == licences
    assert facts(found)["licence-from"] == source


def test_a_local_version_is_escaped_in_the_package_url(home: Path) -> None:
    _, digest = locked_hash(home, "torch")
    own = wheel("Torch_Like", "2.10.0+cu128", MIT)
    content = make(home, own, {"torch_like-2.10.0+cu128-py3-none-any.whl": digest})
    assert component(content, "torch-like")["purl"] == "pkg:pypi/torch-like@2.10.0%2Bcu128"


def test_files_left_out_of_a_wheel_or_changed_are_noted(
    home: Path, numpy: tuple[dict[str, layouts.Item], dict[str, str]]
) -> None:
    _, files = numpy
    version = next(iter(files)).split("-")[1]
    whole = wheel("numpy", version, MIT, core="1", tests="2", big="3")
    del whole[f"{SITE}/numpy/tests.py"]
    found = facts(
        component(make(home, {**whole, f"{SITE}/numpy/big.py": "stripped"}, files), "numpy")
    )
    assert found["files-left-out"] == "1"
    assert found["file-changed"].startswith(f"{SITE}/numpy/big.py sha256:")


def test_metadata_under_a_second_name_is_read_as_well(
    home: Path, numpy: tuple[dict[str, layouts.Item], dict[str, str]]
) -> None:
    own, files = numpy
    (path,) = [path for path in own if path.endswith("METADATA")]
    linked = {"opt/store": own[path], **own, path: layouts.item(tarfile.LNKTYPE, "opt/store")}
    assert component(make(home, linked, files), "numpy") == component(
        make(home, own, files), "numpy"
    )


def test_an_extra_wheel_is_named_with_its_instruction(
    home: Path, numpy: tuple[dict[str, layouts.Item], dict[str, str]]
) -> None:
    own, files = numpy
    with pytest.raises(
        PipelineError, match=r"the wheel evil 1\.0, by RUN install\. See what Docker"
    ):
        make(home, {**own, **wheel("evil", "1.0", MIT, core="x")}, files)


def test_another_version_than_the_downloaded_one_is_an_extra_wheel(
    home: Path, numpy: tuple[dict[str, layouts.Item], dict[str, str]]
) -> None:
    _, files = numpy
    with pytest.raises(PipelineError, match=r"the wheel numpy 0\.1, by RUN install"):
        make(home, wheel("numpy", "0.1", MIT), files)


def test_a_file_beside_the_wheels_is_named(
    home: Path, numpy: tuple[dict[str, layouts.Item], dict[str, str]]
) -> None:
    own, files = numpy
    with pytest.raises(PipelineError, match=r"site-packages/evil\.pth, by RUN install"):
        make(home, {**own, f"{SITE}/evil.pth": "import os"}, files)


def with_library(home: Path, name: str) -> tuple[dict[str, layouts.Item], dict[str, str]]:
    """llama.cpp's folder with a library of a locked wheel, and what was downloaded."""
    version, digest = locked_hash(home, name, "cuda")
    place = "opt/llama.cpp/0123-cuda"
    said = f"Name: {name}\nVersion: {version}\nLicense: NVIDIA Proprietary Software\n"
    own: dict[str, layouts.Item] = {f"{place}/bin/libcudart.so.13": "library",
                                    f"{place}/wheels/{name}/METADATA": said}  # fmt: skip
    source = (home / "requirements/llama-cpp.txt").read_text().partition("sha256:")[2][:64]
    files = {f"{name.replace('-', '_')}-{version}-py3-none-any.whl": digest,
             "llama_cpp_python-0.3.36.tar.gz": source}  # fmt: skip
    return own, files


def test_a_wheel_of_which_only_a_library_was_copied_is_named_too(home: Path) -> None:
    own, files = with_library(home, "nvidia-cuda-runtime")
    found = component(make(home, own, files, "convert-cuda"), "nvidia-cuda-runtime")
    assert found["hashes"][0]["content"] == next(iter(files.values()))
    assert found["licenses"][0]["license"]["name"] == "NVIDIA Proprietary Software"
    assert facts(found)["libraries-in"] == "/opt/llama.cpp/0123-cuda/bin"


def test_a_copied_library_of_a_wheel_that_was_not_downloaded_is_refused(home: Path) -> None:
    own, files = with_library(home, "nvidia-cuda-runtime")
    del files[next(iter(files))]
    with pytest.raises(PipelineError, match=r"libraries of nvidia-cuda-runtime 13\.0\.\d+"):
        make(home, own, files, "convert-cuda")


def test_a_download_that_no_lock_allows_is_named(
    home: Path, numpy: tuple[dict[str, layouts.Item], dict[str, str]]
) -> None:
    own, files = numpy
    with pytest.raises(PipelineError, match=r"downloaded evil-1-py3-none-any\.whl, and no lock"):
        make(home, own, {**files, "evil-1-py3-none-any.whl": "0" * 64})


def test_a_wheel_that_only_built_the_image_is_not_in_its_bill(
    home: Path, numpy: tuple[dict[str, layouts.Item], dict[str, str]]
) -> None:
    own, files = numpy
    version, digest = locked_hash(home, "uv", "host")
    content = make(home, own, {**files, f"uv-{version}-py3-none-any.whl": digest})
    assert "uv" not in [one["name"] for one in json.loads(content)["components"]]


def llama(home: Path) -> tuple[dict[str, layouts.Item], dict[str, str]]:
    _, digest = locked_hash(home, "llama-cpp-python", "llama-cpp")
    own: dict[str, layouts.Item] = {
        "opt/llama.cpp/0a1b/LICENSE": "MIT License\n\nCopyright",
        "opt/llama.cpp/0a1b/bin/llama-server": "x",
    }
    return own, {"llama_cpp_python-0.3.36.tar.gz": digest}


def test_llama_cpp_is_named_by_its_archive_and_its_commit(home: Path) -> None:
    own, files = llama(home)
    found = component(make(home, own, files, "convert"), "llama-cpp-python")
    assert found["version"] == "0.3.36"
    assert found["hashes"][0]["content"] == files["llama_cpp_python-0.3.36.tar.gz"]
    (upstream,) = found["components"]
    assert f"-DLLAMA_BUILD_COMMIT={upstream['version']}" in llama_flags.CMAKE_FLAGS
    assert upstream["licenses"] == [{"license": {"name": "MIT License"}}]
    assert facts(found)["built-with-cmake"] == llama_flags.identity(home / "requirements")["cmake"]


def test_llama_cpp_of_unknown_source_is_refused(home: Path) -> None:
    own, _ = llama(home)
    with pytest.raises(PipelineError, match=r"holds /opt/llama\.cpp, and 0 source archives"):
        make(home, own, {}, "convert")


def test_a_build_lists_what_was_downloaded_and_writes_the_bill(
    home: Path, numpy: tuple[dict[str, layouts.Item], dict[str, str]]
) -> None:
    own, files = numpy
    ((file, digest),) = files.items()
    (home / "sha256").write_text(f"{digest}  {file}\n")
    offer(home, {**BASE, **own})
    assert buildx.downloaded(image_inputs.gather(home, "train", "standin")) == files
    loaded = images.ensure(home, "train", "standin")
    content = image_notes.document(home, "train", "bill").read_bytes()
    assert component(content, "numpy")["hashes"][0]["content"] == digest
    assert loaded.config.endswith(
        json.loads(content)["metadata"]["component"]["hashes"][0]["content"]
    )


def test_an_image_with_an_extra_wheel_is_not_loaded(home: Path) -> None:
    offer(home, {**OWN, **wheel("evil", "1.0", MIT)})
    with pytest.raises(PipelineError, match=r"the wheel evil 1\.0"):
        images.ensure(home, "train", "standin")
    assert "load" not in (home / "called.txt").read_text()
