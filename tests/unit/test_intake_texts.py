"""Every sentence of the intake stage that names a file has its Chinese, with the same places to fill."""

import ast
from pathlib import Path
from string import Formatter

import pytest

import intake
from core.i18n import catalogue

SOURCES = sorted(Path(next(iter(intake.__path__))).glob("*.py"))


def places(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name}


def sentences(source: Path) -> set[str]:
    nodes = ast.walk(ast.parse(source.read_text(encoding="utf-8")))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if "{file}" in text and text.endswith(".")}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_sentences_have_their_chinese(source: Path) -> None:
    chinese = catalogue("zh")
    for sentence in sentences(source):
        assert sentence in chinese, sentence
        assert places(chinese[sentence]) == places(sentence)


def test_sentences_are_found() -> None:
    assert sum(len(sentences(source)) for source in SOURCES) > 40
