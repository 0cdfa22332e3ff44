"""Reading a run of files without a server: the same reader and rules as the workers, in the order given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.errors import XuefenError
from core.vocabulary import DocType, UploadKind
from intake.collect import CollectedFile
from intake.types import IncomingFile
from ocr.names import Roster, match_document, match_row
from ocr.pool import ReaderPool
from ocr.spelled import reading_as_spelled
from ocr.types import DocumentReading, FileReading, TeacherMatch
from verification.contract import error_line, reading_line
from verification.duplicates import DuplicateIndex
from verification.evaluate import judge
from verification.facts import counts
from verification.loader import LoadedPack
from verification.sheets import judge_sheet
from verification.types import JudgedRow, Judgement, Submission


@dataclass(slots=True)
class Run:
    """One run: the rules, the roster, and what was seen so far, so that repeats are known."""

    pack: LoadedPack
    roster: Roster
    today: date
    language: str
    seen: DuplicateIndex = field(default_factory=DuplicateIndex)
    _readings: dict[str, FileReading | XuefenError] = field(default_factory=dict)

    def lines(self, files: Sequence[CollectedFile], pool: ReaderPool) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Yield each file's name with its JSON lines, in order; files with the same bytes are read once."""
        first = {item.incoming.sha256: item for item in reversed(files) if item.incoming.kind is not None}
        fresh = [item for item in files if first.get(item.incoming.sha256) is item]
        readings = pool.map(fresh, _source)
        for item in files:
            incoming = item.incoming
            if incoming.error is not None or incoming.sha256 is None:
                yield incoming.name, [self._refused(incoming, incoming.error)]
                continue
            if first[incoming.sha256] is item:
                _, self._readings[incoming.sha256] = next(readings)
            yield incoming.name, self._judged(incoming, incoming.sha256, item.upload_kind)

    def _judged(self, incoming: IncomingFile, sha256: str, kind: UploadKind) -> list[dict[str, Any]]:
        outcome = self._readings[sha256]
        if isinstance(outcome, XuefenError):
            return [self._refused(incoming, outcome)]
        earlier = self.seen.file_seen(incoming.name, sha256)
        notes = (*incoming.notes, *outcome.notes)
        return [self._line(incoming.name, sha256, reading, kind, earlier, notes) for reading in outcome.documents]

    def _line(
        self,
        file: str,
        sha256: str,
        reading: DocumentReading,
        kind: UploadKind,
        same_bytes: str | None,
        notes: tuple[str, ...],
    ) -> dict[str, Any]:
        match = match_document(reading, self.roster, None)
        earlier = self.seen.earlier(reading, match)
        submission = Submission(
            upload_kind=kind,
            submitted_on=self.today,
            match=match.match,
            duplicate_of=same_bytes or earlier.same,
            possible_duplicate_of=earlier.similar,
        )
        found = [match_row(row, self.roster) for row in reading.rows]
        shown = reading_as_spelled(reading, match, found)
        judgement, rows, owners = self._judge(shown, submission, match, found)
        if same_bytes is None:
            for owner in owners:
                self.seen.remember(file, reading, owner, judgement.recommendation)
        line = reading_line(file, sha256, shown, match, submission, judgement, rows, self.language)
        return line | {"notes": [*line["notes"], *notes]}

    def _judge(
        self, reading: DocumentReading, submission: Submission, match: TeacherMatch, matches: Sequence[TeacherMatch]
    ) -> tuple[Judgement, tuple[JudgedRow, ...], list[TeacherMatch]]:
        """Return the judgement, the judged rows of a sheet, and whose learning the document tells of."""
        if reading.doc_type is not DocType.SIGN_IN_SHEET:
            return judge(self.pack, reading, submission), (), [match]
        repeats = self.seen.earlier_rows(reading, matches)
        judgement, rows = judge_sheet(self.pack, reading, submission, matches, repeats)
        present = [found for found, row in zip(matches, reading.rows, strict=True) if found.employee_no and counts(row)]
        return judgement, rows, present

    def _refused(self, incoming: IncomingFile, error: XuefenError | None) -> dict[str, Any]:
        if error is None:
            raise ValueError("a file without hash has an error")
        error.facts.setdefault("file", incoming.name)
        return error_line(incoming.name, error)


def _source(item: CollectedFile) -> Any:
    return item.incoming.path, item.incoming.kind
