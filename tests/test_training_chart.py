"""What training.py measured becomes medians, JSON and a chart."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from conftest import PROJECT

from benchmarks import profiled

LINES = [
    {"name": "ours", "ours": True, "tokens_per_second": speed, "peak_gib": 40.0, "gpus": gpus}
    for speed, gpus in ((17_000.0, 1), (19_000.0, 1), (17_500.0, 1), (30_000.0, 2))
] + [
    {"name": "stock <trl>", "ours": False, "tokens_per_second": 1_000.0, "peak_gib": 7.0},
    {"name": "stock <trl>", "ours": False, "end": "out of memory"},
    {"name": "never ended well", "ours": False, "end": "out of memory"},
]


def test_repeats_become_their_median_and_other_settings_rows_of_their_own(tmp_path: Path) -> None:
    results, table, chart = (tmp_path / name for name in ("r.jsonl", "t.json", "c.svg"))
    results.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    command = [sys.executable, str(PROJECT / "benchmarks" / "training_chart.py"), str(results)]
    command += ["--json", str(table), "--svg", str(chart)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = json.loads(table.read_text())["rows"]
    assert [(row["name"], row["settings"]["gpus"], row["tokens_per_s"]) for row in rows] == [
        ("ours", 2, 30_000.0),
        ("ours", 1, 17_500.0),
        ("stock <trl>", 1, 1_000.0),
    ]
    assert [row["ended_early"] for row in rows] == [0, 0, 1]
    assert "| ours | 3 | 17,500 | 40.0 |" in said
    texts = [each.text for each in ElementTree.parse(chart).iter() if each.tag.endswith("text")]
    assert {"stock <trl>", "17,500, 40.0 GiB"} <= set(texts)
    bars = [
        float(each.get("width", 0)) for each in ElementTree.parse(chart).iter() if each.get("rx")
    ]
    assert abs(bars[1] / bars[0] - 17_500 / 30_000) < 0.01


def test_a_profiled_run_counts_for_no_median_and_has_a_table_of_its_own(tmp_path: Path) -> None:
    kernels = [
        ("void cutlass::Kernel<flash_fwd>", "kernel", 3000),
        ("nvjet_tst_192x192_64x4", "kernel", 9000),
        ("nvjet_tst_192x192_64x4", "kernel", 1000),
        ("Memcpy DtoD", "gpu_memcpy", 500),
        ("void kDequantizeBlockwise<bfloat16>", "kernel", 2000),
        ("cudaLaunchKernel", "cuda_runtime", 7000),
        ("_nf4_dequant_kernel", "kernel", 400),
        ("swiglu_backward", "kernel", 600),
        ("void at::native::elementwise_kernel<4>", "kernel", 10),
    ]
    events = [{"name": name, "cat": cat, "dur": dur} for name, cat, dur in kernels]
    profile = profiled.summary(events, 2, 0.020)
    assert profile["kinds_ms"]["attention"] == 1.5
    assert profile["kinds_ms"]["products"] == 5.0
    assert profile["kinds_ms"]["4 to 16 bit"] == 1.2
    assert profile["kinds_ms"]["compiled or Triton"] == 0.3
    assert profile["busy_ms"] == 8.3
    assert profile["longest"][0] == {"name": "nvjet_tst_192x192_64x4", "ms": 5.0, "count": 1}
    results = tmp_path / "r.jsonl"
    lines = [*LINES[1:3], {**LINES[0], "profile": profile}]
    results.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = [sys.executable, str(PROJECT / "benchmarks" / "training_chart.py"), str(results)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "| ours | 2 | 18,250 | 40.0 |" in said
    assert "| by the clock | 10.0 |" in said
    assert "| kernels | 4 |" in said
    assert "| products | 5.0 |" in said


def test_the_chart_that_is_shown_is_of_the_results_beside_it(tmp_path: Path) -> None:
    folder = PROJECT / "benchmarks"
    made = tmp_path / "training.svg"
    command = [sys.executable, str(folder / "training_chart.py"), str(folder / "training.jsonl")]
    subprocess.run([*command, "--svg", str(made)], capture_output=True, check=True)
    assert made.read_text() == (folder / "training.svg").read_text()
