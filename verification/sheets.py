"""A whole sign-in sheet judged, knowing which of its rows repeat what an earlier paper already told. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from ocr.types import DocumentReading, TeacherMatch
from verification.evaluate import judge_document, judge_rows
from verification.loader import LoadedPack
from verification.types import JudgedRow, Judgement, Submission


def judge_sheet(
    pack: LoadedPack,
    reading: DocumentReading,
    submission: Submission,
    matches: Sequence[TeacherMatch],
    earlier: Sequence[str | None],
) -> tuple[Judgement, tuple[JudgedRow, ...]]:
    """Return the sheet's judgement and each row's.

    `earlier` names for each row the document that already told of the same activity of the same teacher, None for none;
    such a row is a possible duplicate, and so is the sheet as a whole.
    """
    rows = judge_rows(pack, reading, submission, matches)
    first = next((name for name in earlier if name is not None), None)
    if first is None:
        return judge_document(pack, reading, submission, matches), rows
    repeated = replace(submission, possible_duplicate_of=submission.possible_duplicate_of or first)
    doubted = judge_rows(pack, reading, repeated, matches)
    chosen = tuple(doubt if name is not None else row for row, doubt, name in zip(rows, doubted, earlier, strict=True))
    return judge_document(pack, reading, repeated, matches), chosen
