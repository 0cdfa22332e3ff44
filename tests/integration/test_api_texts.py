"""No page and no error of the web application is left untranslated."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from api.auth.sessions import WRONG
from api.pages.labels import FORM_FIELDS, LABELS, UNTRANSLATED
from api.pages.render import TEMPLATES
from api.pages.visit import NOTICES
from core import errors
from core.i18n import catalogue
from core.states import Action, EntryState, FileState
from core.vocabulary import DocType, FieldName, Level, MatchKind, Outcome, Recommendation, Role, UploadKind

API = Path(TEMPLATES).parent
CALL = re.compile(r"""\b_\(\s*("|')(?P<id>(?:(?!\1).)+)\1""")
PLACE = re.compile(r"\{\w+\}")
# words between tags that are not sent through `_`: letters outside of Jinja's braces
BARE = re.compile(r">([^<>{}]*[A-Za-z]{2,}[^<>{}]*)<")


def template_ids() -> Iterator[tuple[str, str]]:
    for path in sorted(TEMPLATES.glob("*.html")):
        for match in CALL.finditer(path.read_text()):
            yield path.name, match["id"]


def label_ids() -> Iterator[tuple[str, str]]:
    for kind, texts in LABELS.items():
        if kind not in UNTRANSLATED:
            yield from ((kind, text) for text in texts.values())
    yield from (("notice", text) for text in NOTICES.values())


def error_ids() -> Iterator[tuple[str, str]]:
    """Yield every sentence of an error that the application raises: the second argument of an error's constructor."""
    names = {name for name in vars(errors) if isinstance(getattr(errors, name), type)} | {"BadRequest", "MethodRefused"}
    for path in sorted(API.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                for text in node.args[1:2]:
                    if isinstance(text, ast.Constant) and isinstance(text.value, str):
                        yield path.name, text.value
    yield "sessions.py", WRONG


@pytest.mark.parametrize(("source", "message"), sorted({*template_ids(), *label_ids(), *error_ids()}))
def test_every_text_has_a_chinese_one_with_the_same_places(source: str, message: str) -> None:
    chinese = catalogue("zh").get(message)

    assert chinese, f"{source}: {message!r} has no Chinese text"
    assert sorted(set(PLACE.findall(chinese))) == sorted(set(PLACE.findall(message)))


def test_no_template_holds_words_outside_the_catalogue() -> None:
    found = [
        (path.name, words.strip())
        for path in TEMPLATES.glob("*.html")
        for words in BARE.findall(re.sub(r"\{[{%#].*?[}%#]\}", "{}", path.read_text(), flags=re.DOTALL))
    ]

    assert found == []


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("doc_type", DocType),
        ("field", FieldName),
        ("upload_kind", UploadKind),
        ("match", MatchKind),
        ("outcome", Outcome),
        ("recommendation", Recommendation),
        ("role", Role),
        ("level", Level),
        ("entry_state", EntryState),
        ("action", Action),
    ],
)
def test_every_code_has_its_words(kind: str, codes: type[StrEnum]) -> None:
    assert set(LABELS[kind]) == {str(code) for code in codes}


def test_every_file_state_and_document_kind_is_covered() -> None:
    assert {str(state) for state in FileState} | {"refused", "duplicate"} == set(LABELS["file_state"])
    assert set(FORM_FIELDS) == set(DocType)
