"""Bodies that several routes share."""

from pydantic import BaseModel

from core.errors import XuefenError
from core.i18n import LANGUAGES, error_text


class Said(BaseModel):
    """An expected error as data: its stable code and its sentence in both languages."""

    code: str
    messages: dict[str, str]
    page: int | None = None


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    messages: dict[str, str]
    page: int | None = None


def said(error: XuefenError) -> Said:
    """Return an error as a body."""
    return Said(code=error.code, messages={each: error_text(error, each) for each in LANGUAGES}, page=error.page)
