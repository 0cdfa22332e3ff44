"""The queue, one entry with its evidence, and the decisions."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import select
from starlette.datastructures import FormData

from api.numbers import RowId, row_id
from api.pages import labels
from api.pages.entry_form import FormDep, correction_of
from api.pages.visit import PersonDep, PersonVisit, redirect
from api.schemas.entries import EntryDetail, entry_detail, entry_out
from core.errors import Invalid, XuefenError
from core.models import CandidateEntry, PageRecord
from core.states import Action, EntryState
from core.vocabulary import DocType, FieldName, Level, Recommendation
from review import decide
from review.queue import find_entry, levels_of, next_waiting, queue_page
from verification.loader import load_pack

router = APIRouter(prefix="/review")

ANY = "any"
# below this share of certainty a field is marked for a second look
DOUBTFUL = 0.9
# fields whose few values are chosen, not typed
CHOICES = frozenset({FieldName.REAL_NAMED, FieldName.GENDER})
DONE_NOTICES = {Action.APPROVE: "approved", Action.RETURN: "returned", Action.REJECT: "rejected"}


@router.get("")
def queue(
    visit: PersonDep,
    level: str = "",
    state: str = EntryState.IN_REVIEW,
    recommendation: str = "",
    after: RowId | None = None,
) -> Response:
    """List entries; a reviewer's own level is chosen at first."""
    reviews = levels_of(visit.viewer)
    mine = level == "" and bool(reviews) and state == EntryState.IN_REVIEW
    page = queue_page(
        visit.session,
        visit.viewer,
        level=Level(level) if level in set(Level) else None,
        state=EntryState(state) if state in set(EntryState) else None,
        recommendation=Recommendation(recommendation) if recommendation in set(Recommendation) else None,
        mine=mine,
        after=after,
    )
    return visit.page(
        "queue.html",
        entries=[(entry_out(entry), _reasons(entry, visit.language)) for entry in page.entries],
        next=page.next,
        total=page.total_waiting,
        level="mine" if mine else level or ANY,
        state=state or ANY,
        recommendation=recommendation or ANY,
        reviews=bool(reviews),
        levels=list(Level),
        states=list(EntryState),
        recommendations=list(Recommendation),
    )


def _reasons(entry: CandidateEntry, language: str) -> list[str]:
    """Return the sentences of the findings that led to the recommendation, hardest first."""
    said = {finding["reason"]: finding[f"message_{language}"] for finding in entry.judgement["findings"]}
    return [said.get(code, code) for code in entry.judgement["reasons"]]


@router.get("/{entry_id}")
def show(visit: PersonDep, entry_id: str) -> Response:
    """Show one entry with its evidence."""
    return _entry_page(visit, find_entry(visit.session, visit.viewer, entry_id))


@router.post("/{entry_id}")
def decide_or_correct(visit: PersonDep, form: FormDep, entry_id: str) -> Response:
    """Do what the pressed button says; a decision leads to the next entry, a correction back to this one."""
    entry = find_entry(visit.session, visit.viewer, entry_id)
    try:
        with visit.session.begin_nested():
            action = _act(visit, form, entry)
    except XuefenError as error:
        visit.session.refresh(entry)
        return _entry_page(visit, entry, error, typed=form)
    if action is Action.CORRECT:
        return redirect(f"/review/{entry_id}", "corrected")
    following = next_waiting(visit.session, visit.viewer, entry)
    return redirect(f"/review/{following.public_id}" if following else "/review", DONE_NOTICES[action])


def _act(visit: PersonVisit, form: FormData, entry: CandidateEntry) -> Action:
    session, viewer, entry_id = visit.session, visit.viewer, entry.public_id
    pressed = str(form.get("action", ""))
    if pressed not in set(Action):
        raise Invalid("malformed", "The request is malformed.")
    action, reason = Action(pressed), str(form.get("reason", ""))
    seen = row_id(str(form.get("version", "")), "version")
    if action is Action.CORRECT:
        decide.correct(session, viewer, entry_id, seen, correction_of(session, entry, form))
    elif action is Action.RETURN:
        decide.return_(session, viewer, entry_id, seen, reason)
    elif action is Action.REJECT:
        decide.reject(session, viewer, entry_id, seen, reason)
    else:
        for kind in form.getlist("attest"):
            seen = decide.attest(session, viewer, entry_id, seen, str(kind)).version
        decide.approve(session, viewer, entry_id, seen, reason)
    return action


def _entry_page(
    visit: PersonVisit, entry: CandidateEntry, trouble: XuefenError | None = None, typed: FormData | None = None
) -> Response:
    detail = entry_detail(visit.session, entry, visit.viewer)
    pages = visit.session.scalars(
        select(PageRecord)
        .where(PageRecord.file_id == entry.document.file_id, PageRecord.number.in_(entry.document.pages))
        .order_by(PageRecord.number)
    ).all()
    policy = load_pack(detail.policy).policy
    steps = [step for step in policy.attestations if step.id in detail.needs_attestation]
    return visit.page(
        "entry.html",
        trouble=trouble,
        entry=detail,
        pages=pages,
        fields=_form_fields(detail, typed),
        doc_types=list(DocType),
        steps=[(step.id, getattr(step.title, visit.language), step.id in detail.attested) for step in steps],
        category=_category(policy.categories, detail.category, visit.language),
        levels=policy.levels,
        passed=_passed(entry),
        own_upload=entry.uploader_id == visit.browser.user_id,
        reason=str(typed.get("reason", "")) if typed else "",
        can_correct=Action.CORRECT in detail.actions,
        can_decide=Action.APPROVE in detail.actions,
        can_reject=Action.REJECT in detail.actions,
        employee_no=entry.teacher.employee_no if entry.teacher else None,
        message=f"message_{visit.language}",
        sees_file=visit.viewer.sees(entry.document.file.batch.school.path),
    )


def _passed(entry: CandidateEntry) -> set[str]:
    """Return the levels whose approval stands: those passed since the last correction or return."""
    passed: set[str] = set()
    for decision in entry.decisions:
        passed = passed | {str(decision.level)} if decision.action == Action.APPROVE else set()
    return passed


def _form_fields(entry: EntryDetail, typed: FormData | None) -> list[dict[str, Any]]:
    """Return the form's rows: the usual fields of the kind of document, then whatever else was read."""
    usual = labels.FORM_FIELDS[DocType(entry.doc_type)]
    extra = [FieldName(name) for name in entry.fields if name not in usual]
    rows = []
    for name in (*usual, *extra):
        field = entry.fields.get(name)
        value = field.value if field else ""
        rows.append(
            {
                "name": name,
                "field": field,
                "options": list(labels.LABELS[name]) if name in CHOICES else [],
                "value": str(typed.get(f"field.{name}", value)) if typed else value,
                "percent": round(field.confidence * 100) if field else None,
                "doubtful": field is not None and field.confidence < DOUBTFUL,
                "boxed": field is not None and field.box != [0, 0, 1, 1],
            }
        )
    return rows


def _category(categories: Any, code: str | None, language: str) -> str:
    return next((getattr(category.title, language) for category in categories if category.id == code), code or "")
