"""A reading as plain data and back: what the database keeps sealed."""

from typing import Any

from pydantic import TypeAdapter

from core.vocabulary import FieldName
from ocr.types import DocumentReading, FieldValue

_reading = TypeAdapter(DocumentReading)
_fields = TypeAdapter(dict[FieldName, FieldValue])


def reading_to_data(reading: DocumentReading) -> dict[str, Any]:
    """Return the reading as JSON-able data."""
    data: dict[str, Any] = _reading.dump_python(reading, mode="json")
    return data


def reading_from_data(data: dict[str, Any]) -> DocumentReading:
    """Return the reading that `reading_to_data` made the data of."""
    return _reading.validate_python(data)


def fields_to_data(fields: dict[FieldName, FieldValue]) -> dict[str, Any]:
    """Return the fields as JSON-able data: name -> {value, confidence, page, box, source, text}."""
    data: dict[str, Any] = _fields.dump_python(fields, mode="json")
    return data


def fields_from_data(data: dict[str, Any]) -> dict[FieldName, FieldValue]:
    """Return the fields that `fields_to_data` made the data of."""
    return _fields.validate_python(data)
