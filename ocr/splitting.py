"""Which pages of a file make up one document. Pure.

One certificate stands on one page. A sign-in table that goes on (no title, or numbering that continues) joins the page
before; so does the outside of a certificate: its cover, mostly before it, and its back with notes and registrations.
"""

import re
from collections.abc import Sequence
from typing import Literal

from core.vocabulary import DocType
from ocr.classify import classify, has_signatures
from ocr.fields import find_candidates
from ocr.formbook import formbook
from ocr.layout import DocumentText, read_layout
from ocr.runs import folded
from ocr.types import PageText, Table

Side = Literal["cover", "back", "identity", "inside"]

BLANK_CHARACTERS = 4
COVER_CHARACTERS = 80
IDENTITY_CHARACTERS = 240
BACK_CHARACTERS = 1200
# Evidence for a paper of another kind that outweighs words of a cover or a back.
OTHER_POINTS = 4.0
SCREEN_POINTS = 6.0
CERTIFICATES = frozenset(
    {DocType.DIPLOMA, DocType.DEGREE_CERTIFICATE, DocType.MOOC_CERTIFICATE, DocType.TRAINING_CERTIFICATE}
)
HOLDERS = frozenset({"holder_name", "nickname"})

# Words of a cover, and the kinds of certificate that can lie in it.
_COVERS: tuple[tuple[re.Pattern[str], frozenset[DocType]], ...] = (
    (re.compile(r"学位证"), frozenset({DocType.DEGREE_CERTIFICATE})),
    (re.compile(r"(?:学士|硕士|博士)学位"), frozenset({DocType.DEGREE_CERTIFICATE})),
    (re.compile(r"毕业|毕\S?业\S?证"), frozenset({DocType.DIPLOMA})),
    (re.compile(r"结业|培训|研修|继续教育|国培|进修"), frozenset({DocType.TRAINING_CERTIFICATE, DocType.DIPLOMA})),
    (re.compile(r"课程|认证|MOOC|慕课"), frozenset({DocType.MOOC_CERTIFICATE, DocType.TRAINING_CERTIFICATE})),
    (re.compile(r"高等学校|高等教育|学历"), frozenset({DocType.DIPLOMA, DocType.DEGREE_CERTIFICATE})),
    (re.compile(r"证书|证明|CERTIFICATE|Certificate|DIPLOMA|Diploma"), CERTIFICATES),
)
# What a certificate itself says: that something is granted, and what was learned.
_GRANTS = re.compile(
    r"准[予子][毕结肄]业|特[发颁]此证|兹证明|特此证明|授予.{0,16}(?:学士|硕士|博士)|成绩(?:合格|优秀|良好|及格)|修业期满"
)
_LEARNED = re.compile(
    r"修完|学完|(?:完成|参加)了?[^\n。]{2,40}(?:学习|培训|课程|研修)|\d个?(?:学时|学分|课时)|学时:|成绩:"
)
_NOTES = re.compile(
    r"注意事项|持证须知|^说明|使用说明|须知|注册登记|登记(?:栏|记录)|验证(?:记录|栏)|年度?(?:验证|审验|检验)|"
    r"(?:遗失|丢失)[^。\n]{0,12}(?:不补|补办|作废|补发)|(?:涂改|转借)[^。\n]{0,6}无效|妥善保管"
)
_BACK = re.compile(r"监制|印制|防伪|在线验证|查询网[址站]|网上查询|电子注册|备注|chsi\.com")
# Of which paper such notes are.
_OF_PAPER = re.compile(r"本证书|持证")
_LABELS_OF_PERSON = re.compile(r"姓名|性别|出生|身份证|照片|相片")


def split_pages(pages: Sequence[PageText]) -> tuple[tuple[PageText, ...], ...]:
    """Group a file's pages (at least one, in order) into documents, blank ones dropped."""
    written = [p for p in pages if not is_blank(p)] or list(pages[:1])
    if len(written) == 1:
        return (tuple(written),)
    sides = [side_of(page) for page in written]
    groups: list[list[int]] = []
    for at, page in enumerate(written):
        last = groups[-1] if groups else None
        before = written[last[-1]] if last else None
        if last is None or before is None:
            groups.append([at])
        elif (
            _continues_table(before, page)
            or _completes(before, page, sides[last[-1]], sides[at])
            or _belongs_behind(written, sides, last, at)
            or _awaits(written, sides, last, at)
        ):
            last.append(at)
        else:
            groups.append([at])
    return tuple(tuple(written[at] for at in group) for group in groups)


def is_blank(page: PageText) -> bool:
    """Return whether a page says nothing."""
    return page.table is None and len(_said(page)) < BLANK_CHARACTERS


def side_of(page: PageText) -> Side:
    """Return what a page is of a certificate; `inside` also for all that is none."""
    text = _said(page)
    if page.table or len(text) > BACK_CHARACTERS or _GRANTS.search(text):
        return "inside"
    notes = bool(_NOTES.search(text))
    document = read_layout([page])
    if notes and _OF_PAPER.search(text) and not _names_holder(document):
        return "back"
    if (_LEARNED.search(text) and not notes) or _is_other(document):
        return "inside"
    if _names_holder(document):
        told = len(text) <= IDENTITY_CHARACTERS and _LABELS_OF_PERSON.search(text)
        return "identity" if told else "inside"
    if not notes and len(text) <= COVER_CHARACTERS and cover_kinds(page):
        return "cover"
    return "back" if notes or _BACK.search(text) else "inside"


def _is_other(document: DocumentText) -> bool:
    """Return whether a page shows so much of another kind that it is no outside of a certificate."""
    points = classify(document).points
    return points.get(DocType.OTHER, 0.0) >= OTHER_POINTS or points.get(DocType.SCORE_SCREENSHOT, 0.0) >= SCREEN_POINTS


def cover_kinds(page: PageText) -> frozenset[DocType]:
    """Return the kinds of certificate that can lie in a cover with these words; none for no cover."""
    text = _said(page)
    return next((kinds for words, kinds in _COVERS if words.search(text)), frozenset())


def _said(page: PageText) -> str:
    return "".join(folded(line.text) for line in page.lines)


def _kind(page: PageText) -> DocType:
    return classify(read_layout([page])).doc_type


def _names_holder(document: DocumentText) -> bool:
    """Return whether any certificate's form finds a holder on a page."""
    return any(
        found.name.value in HOLDERS and found.belief > 1 / 2
        for kind in CERTIFICATES
        for found in find_candidates(document, formbook().forms[kind])[0]
    )


def _awaits(pages: Sequence[PageText], sides: Sequence[Side], group: Sequence[int], at: int) -> bool:
    """Return whether a group of outsides alone awaits this page: the cover first, then the certificate."""
    if any(sides[i] == "inside" for i in group) or sides[at] != "inside":
        return False
    if any(sides[i] == "identity" for i in group):
        return False
    kinds = cover_kinds(pages[group[0]]) if sides[group[0]] == "cover" else CERTIFICATES
    return _kind(pages[at]) in kinds


def _belongs_behind(pages: Sequence[PageText], sides: Sequence[Side], group: Sequence[int], at: int) -> bool:
    """Return whether an outside page goes with the certificate before it rather than with the one after."""
    side, inside = sides[at], [i for i in group if sides[i] != "back"]
    if side not in {"cover", "back"} or pages[group[-1]].table:
        return False
    kinds = cover_kinds(pages[at]) if side == "cover" else CERTIFICATES
    if all(sides[i] == "cover" for i in group):
        # two outsides in a row: front and back of one cover
        return side == "back" or kinds == cover_kinds(pages[group[0]])
    fits = any(sides[i] != "cover" and _kind(pages[i]) in kinds for i in inside)
    if side == "back" or not fits:
        return fits
    has_cover = any(sides[i] == "cover" for i in group)
    following = at + 1 < len(pages) and sides[at + 1] == "inside" and _kind(pages[at + 1]) in kinds
    return not has_cover and not following


def _completes(before: PageText, page: PageText, side: Side, own: Side) -> bool:
    """Return whether of two pages one tells who and the other what: two sides of a folded certificate."""
    if {side, own} != {"identity", "inside"}:
        return False
    inside = read_layout([page if own == "inside" else before])
    return classify(inside).doc_type in CERTIFICATES and not _names_holder(inside)


def _continues_table(before: PageText, page: PageText) -> bool:
    """Return whether a page's table goes on from the one before: no header of its own, or numbering that continues."""
    if before.table is None or page.table is None or not has_signatures(before.table):
        return False
    if not page.table.has_header:
        return True
    last, first = _ordinals(before.table), _ordinals(page.table)
    if not last or not first:
        return False
    rows = len(before.table.rows)
    # a first or last number that was not read is told by the others
    ends = {last[-1][1], *(number + rows - 1 - at for at, number in last[-1:])}
    starts = {first[0][1], *(number - at for at, number in first[:1])}
    return any(start > 1 and start == end + 1 for start in starts for end in ends)


def _ordinals(table: Table) -> list[tuple[int, int]]:
    """Return the numbers read in a table, each with its row."""
    texts = [folded(row.cells["ordinal"].text) if "ordinal" in row.cells else "" for row in table.rows]
    return [(at, int(text)) for at, text in enumerate(texts) if text.isascii() and text.isdigit()]
