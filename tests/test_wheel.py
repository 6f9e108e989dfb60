"""The wheel holds the whole package: word lists, weights, catalogues and templates besides code."""

from __future__ import annotations

from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]


def test_every_file_of_the_package_but_its_calibration_is_in_the_wheel():
    there = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "cxresearch").rglob("*")
        if path.is_file() and not {"__pycache__", "calibrate"} & set(path.parts)
    }
    packed = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    resources = "cxresearch/voc/resources"
    assert {f"{resources}/weights/sentiment.npz", f"{resources}/names.yaml"} <= there
    assert {Path(name).suffix for name in there} >= {".j2", ".json", ".po", ".py", ".yaml"}
    assert {"cxresearch/py.typed", "cxresearch/experiments/analysis.py"} <= packed
    assert packed == there
