"""A judgement as plain data: what an entry keeps, and what pages and the API show."""

from typing import Any

from pydantic import TypeAdapter

from verification.types import Judgement

_judgement = TypeAdapter(Judgement)


def judgement_to_data(judgement: Judgement) -> dict[str, Any]:
    """Return the judgement as JSON-able data; credits as text, so that no figure is rounded."""
    data: dict[str, Any] = _judgement.dump_python(judgement, mode="json")
    return data


def judgement_from_data(data: dict[str, Any]) -> Judgement:
    """Return the judgement that `judgement_to_data` made the data of."""
    return _judgement.validate_python(data)
