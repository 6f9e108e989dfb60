"""A notebook of one's own lives with its study; the kit's are saved as they were written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cxresearch.errors import ManifestError
from cxresearch.report import own_notebook, plan, saving
from cxresearch.study import manifest

STUDY = (
    "title: {en: Shop, it: Bottega}\ncurrency: EUR\ntime_zone: Europe/Rome\nlanguages: [it, en]\n"
)
ORDERS = "tables:\n  orders: {file: o.csv}\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    (tmp_path / "data" / "shop").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    return tmp_path


@pytest.mark.parametrize("tail", ["", "reports: # mine\n  old: {notebook: old}\n", "min_cell: 5\n"])
def test_it_is_written_and_planned(root: Path, tail: str):
    (root / "data" / "shop" / "study.yaml").write_text(STUDY + ORDERS + tail, "utf-8")
    path = own_notebook.write("shop", "Quanto vale un ordine d'inverno?")
    assert path == root / "data/shop/notebooks/quanto_vale_un_ordine_d_inverno.ipynb"
    read = plan.read_notebook(path)
    assert read.title == "Quanto vale un ordine d'inverno?"
    assert read.parameters == {"study": "shop", "lang": "it", "confidence": 0.95}
    assert read.needs == ("orders",)
    content = manifest.read("shop")
    assert next(iter(content.reports)) == path.stem
    assert ("old" in content.reports) == ("old" in tail)
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            compile("".join(cell["source"]), path.name, "exec")
    if "old" not in tail:
        assert [one.source.path for one in plan.plan("shop").reports] == [path]


def test_it_is_never_written_over(root: Path):
    (root / "data" / "shop" / "study.yaml").write_text(STUDY + ORDERS, "utf-8")
    own_notebook.write("shop", "Why?")
    before = manifest.path_of("shop").read_bytes()
    with pytest.raises(ManifestError, match="it has a notebook why already"):
        own_notebook.write("shop", "why")
    with pytest.raises(ValueError, match="question must be a question in words"):
        own_notebook.write("shop", "???")
    assert manifest.path_of("shop").read_bytes() == before


@pytest.mark.parametrize(("place", "kept"), [("notebooks", 0), ("data/shop/notebooks", 1)])
def test_only_the_kits_own_are_saved_without_outputs(root: Path, place: str, kept: int):
    class Manager:
        root_dir = str(root)

    cell = {"cell_type": "code", "outputs": [1], "execution_count": 3, "metadata": {}}
    model = {"type": "notebook", "content": {"cells": [cell]}}
    saving.strip(model, f"{place}/a.ipynb", contents_manager=Manager())
    assert len(cell["outputs"]) == kept
    assert (cell["execution_count"] is None) == (not kept)


def test_jupyter_finds_the_hook(tmp_path: Path):
    from jupyter_server.services.contents.filemanager import FileContentsManager

    settings = json.loads(saving.write(tmp_path).read_text("utf-8"))
    hook = settings["ContentsManager"]["pre_save_hook"]
    assert FileContentsManager(pre_save_hook=hook).pre_save_hook is saving.strip
