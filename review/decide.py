"""Approve, return, reject, correct, attest: the only place that sets an entry approved.

Every action names the version of the entry that the person saw; if another came first, it is refused as a conflict. No
one decides on their own upload (the database checks it too), and no one passes one entry at two levels.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import audit
from core.access import REVIEWER_OF, Viewer
from core.clock import utc_now
from core.errors import Conflict, Invalid, Refused
from core.models import Attestation, CandidateEntry, Decision, Document, Organisation, OutboxEvent
from core.states import Action, EntryState, entry_allows
from core.vocabulary import Level, Recommendation, Role
from review.queue import find_entry
from verification.loader import load_pack
from verification.service import Correction, rejudge

ENTRY_APPROVED = "entry_approved"
REASON_LENGTH = 1000


def approve(session: Session, viewer: Viewer, public_id: str, version: int, reason: str = "") -> CandidateEntry:
    """Pass the entry at its level: on to the next, or to its final approval, which the outbox tells the ledger.

    Raises Invalid `teacher_missing`, `credits_missing`, `attestation_missing` or `reason_missing` (overruling a
    recommendation to reject needs one), Conflict `already_credited`, besides what `_open` raises.
    """
    entry = _open(session, viewer, public_id, version, Action.APPROVE)
    _must_be_complete(entry)
    if entry.recommendation == Recommendation.REJECT and not reason.strip():
        raise Invalid("reason_missing", "Give a reason: the rules recommend to reject this entry.")
    _passed_once(entry, viewer)
    level = Level(entry.level)
    levels = levels_of_way(session, entry)
    later = levels[levels.index(level) + 1 :]
    if later:
        entry.level = later[0]
    else:
        _not_credited_before(session, entry)
        entry.state = EntryState.APPROVED
        session.add(
            OutboxEvent(
                event_id=f"{ENTRY_APPROVED}:{entry.public_id}",
                kind=ENTRY_APPROVED,
                subject_id=entry.id,
                created_at=utc_now(),
                next_at=utc_now(),
            )
        )
    _log(session, viewer, entry, Action.APPROVE, level, reason)
    return entry


def return_(session: Session, viewer: Viewer, public_id: str, version: int, reason: str) -> CandidateEntry:
    """Send the entry back to its first level with a reason, to be corrected there."""
    entry = _open(session, viewer, public_id, version, Action.RETURN)
    level = Level(entry.level)
    entry.state, entry.level = EntryState.RETURNED, first_level(entry)
    _log(session, viewer, entry, Action.RETURN, level, _reason(reason))
    return entry


def reject(session: Session, viewer: Viewer, public_id: str, version: int, reason: str) -> CandidateEntry:
    """End the entry without credit, with a reason."""
    entry = _open(session, viewer, public_id, version, Action.REJECT)
    entry.state = EntryState.REJECTED
    _log(session, viewer, entry, Action.REJECT, Level(entry.level), _reason(reason))
    return entry


def correct(session: Session, viewer: Viewer, public_id: str, version: int, correction: Correction) -> CandidateEntry:
    """Change fields or the teacher and judge again; the entry starts over at its first level, earlier passes are void.

    The uploader may correct too: it is no decision. Attestations fall away, since they spoke of other values.
    """
    entry = _open(session, viewer, public_id, version, Action.CORRECT)
    level = Level(entry.level)
    changed = rejudge(session, entry, correction)
    entry.state, entry.level = EntryState.IN_REVIEW, first_level(entry)
    for attestation in list(entry.attestations):
        session.delete(attestation)
    _log(session, viewer, entry, Action.CORRECT, level, "", changed=sorted(changed))
    return entry


def attest(session: Session, viewer: Viewer, public_id: str, version: int, kind: str) -> CandidateEntry:
    """Record that the person took the step `kind` (e.g. looked into the teacher's account) at this level."""
    entry = _open(session, viewer, public_id, version, Action.APPROVE)
    if kind not in entry.judgement["needs_attestation"]:
        raise Invalid("attestation_unknown", "No rule asks for the step {kind} here.", kind=kind)
    if all(attestation.kind != kind for attestation in entry.attestations):
        entry.attestations.append(Attestation(kind=kind, actor_id=viewer.user_id, at=utc_now()))
        _audit(session, viewer, entry, "entry_attested", kind=kind)
    session.flush()
    return entry


def levels_of_way(session: Session, entry: CandidateEntry) -> tuple[Level, ...]:
    """Return the levels that the entry passes: the pack's, without those that its organisation has not above it.

    A school directly below the city has no county; an entry of nobody's school starts where it was uploaded.
    """
    above = [int(part) for part in entry.school.path.strip("/").split("/")]
    present = set(session.scalars(select(Organisation.level).where(Organisation.id.in_(above))))
    return tuple(level for level in load_pack(entry.judgement["pack_id"]).policy.levels if level in present)


def first_level(entry: CandidateEntry) -> Level:
    """Return where the entry's way begins: the lowest level of its pack that its organisation has."""
    levels = load_pack(entry.judgement["pack_id"]).policy.levels
    own = Level(entry.school.level)
    return own if own in levels else levels[0]


def allowed_actions(viewer: Viewer, entry: CandidateEntry) -> frozenset[Action]:
    """Return what the viewer may do with the entry as it stands: what a page offers."""
    allowed: set[Action] = set()
    for action in Action:
        try:
            _may(viewer, entry, action)
        except (Refused, Conflict):
            continue
        allowed.add(action)
    return frozenset(allowed)


def _open(session: Session, viewer: Viewer, public_id: str, version: int, action: Action) -> CandidateEntry:
    """Return the entry with its version raised by one, or raise NotFound, Refused, Conflict `version_conflict`.

    The compare-and-swap is one UPDATE, so that of two people at once exactly one goes on.
    """
    entry = find_entry(session, viewer, public_id)
    _may(viewer, entry, action)
    swapped = session.execute(
        update(CandidateEntry)
        .where(CandidateEntry.id == entry.id, CandidateEntry.version == version)
        .values(version=version + 1, updated_at=utc_now())
        .execution_options(synchronize_session=False)
        .returning(CandidateEntry.id)
    ).scalar_one_or_none()
    if swapped is None:
        raise Conflict("version_conflict", "Someone else changed this entry meanwhile. Load it again.")
    session.refresh(entry)
    return entry


def _may(viewer: Viewer, entry: CandidateEntry, action: Action) -> None:
    if not entry_allows(EntryState(entry.state), action):
        raise Conflict("state_forbids", "The entry is {state}: this cannot be done now.", state=str(entry.state))
    path = entry.school.path
    if viewer.user_id is None:
        raise Refused("person_needed", "Only a person can decide on an entry.")
    if action is Action.CORRECT and viewer.has(Role.SCHOOL_UPLOADER, path) and entry.level == first_level(entry):
        return
    role = REVIEWER_OF[Level(entry.level)]
    if not viewer.has(role, path):
        raise Refused("role_missing", "This needs the role {role}.", role=role.value)
    if action is not Action.CORRECT and viewer.user_id == entry.uploader_id:
        raise Refused("own_upload", "You uploaded this document: someone else must decide.")


def _must_be_complete(entry: CandidateEntry) -> None:
    if entry.teacher_id is None:
        raise Invalid("teacher_missing", "Choose the teacher first.")
    if entry.credits is None or entry.credits <= 0:
        raise Invalid("credits_missing", "No credits follow from the fields: correct them first.")
    given = {attestation.kind for attestation in entry.attestations}
    missing = [kind for kind in entry.judgement["needs_attestation"] if kind not in given]
    if missing:
        raise Invalid("attestation_missing", "Record the step {kind} first.", kind=missing[0])


def _passed_once(entry: CandidateEntry, viewer: Viewer) -> None:
    """One person passes an entry at one level only, counted since its last correction or return."""
    for decision in reversed(entry.decisions):
        if decision.action != Action.APPROVE:
            return
        if decision.actor_id == viewer.user_id:
            raise Refused("passed_before", "You passed this entry at a lower level: someone else must decide here.")


def _not_credited_before(session: Session, entry: CandidateEntry) -> None:
    """Raise Conflict `already_credited`: a certificate earns credit once, a sheet once for each teacher."""
    digest = entry.document.certificate_digest
    approved = select(CandidateEntry.id).where(
        CandidateEntry.state == EntryState.APPROVED, CandidateEntry.id != entry.id
    )
    if digest is None:
        same = approved.where(
            CandidateEntry.document_id == entry.document_id, CandidateEntry.teacher_id == entry.teacher_id
        )
    else:
        same = approved.join(Document, CandidateEntry.document_id == Document.id).where(
            Document.certificate_digest == digest
        )
    if session.scalar(same.limit(1)) is not None:
        raise Conflict("already_credited", "This evidence has already earned credit.")


def _reason(reason: str) -> str:
    text = reason.strip()
    if not text:
        raise Invalid("reason_missing", "Give a reason.")
    if len(text) > REASON_LENGTH:
        raise Invalid("reason_too_long", "The reason has more than {limit} characters.", limit=REASON_LENGTH)
    return text


def _log(
    session: Session, viewer: Viewer, entry: CandidateEntry, action: Action, level: Level, reason: str, **data: object
) -> None:
    entry.decisions.append(
        Decision(
            version=entry.version,
            action=action,
            level=level,
            actor_id=viewer.user_id,
            uploader_id=entry.uploader_id,
            reason=reason,
            at=utc_now(),
        )
    )
    _audit(session, viewer, entry, f"entry_{action.value}", level=level.value, state=str(entry.state), **data)


def _audit(session: Session, viewer: Viewer, entry: CandidateEntry, action: str, **data: object) -> None:
    audit.record(
        session,
        action,
        f"entry:{entry.public_id}",
        actor_id=viewer.user_id,
        organisation_id=entry.school_id,
        version=entry.version,
        **data,
    )
