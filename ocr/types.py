"""Values of the reading stage: a typed tree of page, line and character, and the documents found in it.

All boxes are fractions (0..1) of the *upright* page: left, top, right, bottom. Pages count from 1 within their file.
"""

from dataclasses import dataclass, field
from typing import Literal

from core.vocabulary import DocType, FieldName, MatchKind

Source = Literal["ocr", "text", "computed", "person"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of the upright page."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width as a fraction of the page's width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height as a fraction of the page's height."""
        return self.bottom - self.top

    @property
    def center_x(self) -> float:
        """Horizontal middle."""
        return (self.left + self.right) / 2

    @property
    def center_y(self) -> float:
        """Vertical middle."""
        return (self.top + self.bottom) / 2

    def as_list(self) -> list[float]:
        """Return [left, top, right, bottom] rounded for JSON."""
        return [round(v, 5) for v in (self.left, self.top, self.right, self.bottom)]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a line where the recogniser saw a character, or nearly did: what it can be, likeliest first.

    `at` counts in the line's characters: the character that was read here, or (where `blank`, the probability that
    nothing stands here, is the greatest) the one that would follow. `probs` go with `chars`; what is less likely than
    they are is left out.
    """

    at: int
    chars: str
    probs: tuple[float, ...]
    blank: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the recogniser saw where a name was read: its slots in order, and the line's own mean score (0..1)."""

    slots: tuple[Slot, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text as the recogniser or the PDF's text layer gave it.

    `chars` has one box for each character of `text` when known, else it is empty. `slots` tell what else the
    characters can be; empty for text that was not recognised.
    """

    text: str
    confidence: float
    box: Box
    chars: tuple[Box, ...] = ()
    slots: tuple[Slot, ...] = ()

    def span_box(self, start: int, end: int) -> Box:
        """Return the box of text[start:end]: from the characters' boxes, or by proportion where they are unknown."""
        if self.chars and start < end <= len(self.chars):
            part = self.chars[start:end]
            return Box(min(b.left for b in part), self.box.top, max(b.right for b in part), self.box.bottom)
        size = max(len(self.text), 1)
        step = self.box.width / size
        return Box(self.box.left + start * step, self.box.top, self.box.left + end * step, self.box.bottom)


@dataclass(frozen=True, slots=True)
class CellRow:
    """One body row of a table found on a page: each column's role -> the cell, and ink that crosses the whole row."""

    box: Box
    cells: dict[str, "Cell"]
    struck: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: its text, and the share of its inner pixels that are ink (0..1).

    `evidence` is what the recogniser saw where the cell was read once more, by itself; else the page's lines tell it.
    """

    text: str
    confidence: float
    box: Box
    ink: float
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A sign-in table on one page. `columns` are roles in order; `has_header` is False on a continuation page."""

    page: int
    box: Box
    columns: tuple[str, ...]
    rows: tuple[CellRow, ...]
    has_header: bool


@dataclass(frozen=True, slots=True)
class PageText:
    """What was read on one upright page. Sizes are pixels of the upright page image.

    `rotation` is the quarter turn in degrees clockwise that was applied to make the page upright, `skew` the small
    angle corrected. `dark` says that the page was light text on dark ground (screenshots in dark mode).
    """

    number: int
    width: int
    height: int
    source: Source
    lines: tuple[Line, ...]
    rotation: int = 0
    skew: float = 0.0
    dark: bool = False
    notes: tuple[str, ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A field read from a document: its normal form, how sure (0..1), and where it stands.

    `text` is the text as it stands on the page; `value` its normal form (ISO date, Arabic digits, no inner spaces).
    `evidence` is kept for names alone, which are scored against the roster.
    """

    value: str
    confidence: float
    page: int
    box: Box
    source: Source
    text: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SignInRow:
    """One person's row on a sign-in sheet. `signed` names the slots that hold ink, e.g. ("上午", "下午").

    `confidence` is of the whole row; `ink` says how sure it is who signed where and whether the row is struck out,
    whatever doubt there is of the name.
    """

    ordinal: int
    name: str
    unit: str
    phone: str
    signed: tuple[str, ...]
    struck: bool
    confidence: float
    page: int
    box: Box
    evidence: Evidence | None = None
    ink: float = 1.0


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """One document found in a file: the pages it stands on, its kind, fields, rows, and what the reader remarked.

    `notes` are stable codes of remarks (e.g. `hours_computed`, `text_layer_distrusted`), never prose.
    """

    pages: tuple[int, ...]
    doc_type: DocType
    type_confidence: float
    fields: dict[FieldName, FieldValue] = field(default_factory=dict)
    rows: tuple[SignInRow, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageImage:
    """The upright page as people see it: a re-encoded JPEG (never the uploaded bytes) and its size in pixels."""

    number: int
    width: int
    height: int
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class FileReading:
    """All that was read from one file. `notes` are codes for the file as a whole (e.g. `blank_page_dropped`)."""

    documents: tuple[DocumentReading, ...]
    images: tuple[PageImage, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A teacher on the roster whom a name on paper could mean, with the share of belief (0..1)."""

    employee_no: str
    name: str
    school: str
    score: float


@dataclass(frozen=True, slots=True)
class TeacherMatch:
    """To whom a document belongs.

    `employee_no` is set only for exact, id_number and birth_date matches, or `similar` as the best guess; a similar or
    ambiguous match always goes to a person with the candidates. `spelling` is the roster's, where the page can be taken
    to show just that, with the share of belief (0..1) in `spelled`.
    """

    match: MatchKind
    employee_no: str | None = None
    candidates: tuple[Candidate, ...] = ()
    spelling: str | None = None
    spelled: float = 0.0
