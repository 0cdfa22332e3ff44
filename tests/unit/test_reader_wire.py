"""What crosses the pipe from the reader child: values and errors, never code."""

import json

import pytest

from core.errors import Invalid, TooLarge
from core.vocabulary import DocType, FieldName
from ocr.types import Box, DocumentReading, FieldValue, FileReading, PageImage, SignInRow
from ocr.wire import error_from_plain, error_to_plain, from_json, to_json

BOX = Box(0.1, 0.2, 0.3, 0.4)
READING = FileReading(
    documents=(
        DocumentReading(
            pages=(1, 2),
            doc_type=DocType.SIGN_IN_SHEET,
            type_confidence=0.9,
            fields={FieldName.HOURS: FieldValue("8", 1.0, 1, BOX, "ocr", "8学时")},
            rows=(SignInRow(1, "张三", "一中", "", ("上午",), struck=False, confidence=0.9, page=1, box=BOX),),
            notes=("dark_mode",),
        ),
    ),
    images=(PageImage(1, 10, 20, b"\xff\xd8\x00"),),
)


def test_a_reading_survives_the_pipe() -> None:
    assert from_json(FileReading, to_json(READING)) == READING


def test_an_error_survives_the_pipe() -> None:
    error = error_from_plain(json.loads(json.dumps(error_to_plain(TooLarge("a", "b {c}", page=3, c=4)))))
    assert (type(error), error.code, error.message, error.page, error.facts) == (TooLarge, "a", "b {c}", 3, {"c": 4})


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"{}",
        b'{"documents":[],"images":[],"notes":[1]}',
        b'{"documents":[],"images":[],"other":1}',
        b"\x80\x04.",
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        from_json(FileReading, data)


def test_an_unknown_error_class_is_refused() -> None:
    plain = error_to_plain(Invalid("a", "b")) | {"kind": "SystemExit"}
    with pytest.raises(KeyError):
        error_from_plain(plain)
