"""What a reviewer typed into an entry's form, as a correction."""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.numbers import row_id
from api.schemas.entries import masked
from core.errors import Invalid
from core.models import CandidateEntry
from core.vocabulary import DocType, FieldName
from intake.roster_service import teachers_at
from verification.service import Correction

FIELD_PREFIX = "field."


async def posted_form(request: Request) -> FormData:
    """Return the posted form (parsed once; `form_guard` has checked its token)."""
    return await request.form()


FormDep = Annotated[FormData, Depends(posted_form)]


def correction_of(session: Session, entry: CandidateEntry, form: FormData) -> Correction:
    """Return what differs from the entry as it was shown; a masked ID number left as it is counts as unchanged."""
    typed = {
        FieldName(key.removeprefix(FIELD_PREFIX)): str(value).strip()
        for key, value in form.items()
        if key.startswith(FIELD_PREFIX) and key.removeprefix(FIELD_PREFIX) in set(FieldName)
    }
    changed = {name: text for name, text in typed.items() if text != _shown(entry, name)}
    kind = str(form.get("doc_type", entry.doc_type))
    return Correction(
        fields=changed,
        teacher_id=_teacher(session, entry, form),
        doc_type=DocType(kind) if kind in set(DocType) and kind != entry.doc_type else None,
    )


def _shown(entry: CandidateEntry, name: FieldName) -> str:
    data = entry.fields.get(name)
    return masked(name, str(data["value"])) if data else ""


def _teacher(session: Session, entry: CandidateEntry, form: FormData) -> int | None:
    """Return the chosen teacher's row: one of the radio buttons, or the one whom the typed name or number means."""
    wanted = " ".join(str(form.get("teacher_search", "")).split())
    if wanted:
        return _one_called(session, entry, wanted)
    chosen = str(form.get("teacher_id", ""))
    if not chosen or chosen == str(entry.teacher_id):
        return None
    return row_id(chosen, "teacher_id")


def _one_called(session: Session, entry: CandidateEntry, wanted: str) -> int:
    teachers = teachers_at(session, entry.document.file.batch.school)
    found = [t for t in teachers if t.employee_no == wanted] or [t for t in teachers if t.name == wanted]
    if not found:
        raise Invalid("teacher_unknown", "This teacher is not on the roster here.")
    if len(found) > 1:
        raise Invalid("teacher_ambiguous", "Several teachers have this name: type the employee number.")
    return found[0].id
