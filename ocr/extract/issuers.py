"""The organisations that sign a paper: all, in reading order, and none that merely hosts or is queried. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.vocabulary import FieldName
from ocr.fields import Found, candidate_at
from ocr.layout import DocumentText, PlacedLine

# An issuer stands near the date it signs under: this far above or below it, as a share of the page's height.
NEAR_DATE = 0.22
LOWER_HALF = 0.5
SIGNED = 0.94
SEALED_NEIGHBOUR = 0.75
NEAR_SIGNATURE = 0.04
JOINT = "、"

_ORG_LINE = re.compile(
    r"(?P<org>[\u3400-\u9fff·()A-Za-z0-9]{2,40}?(?:大学|学院|学校|党校|中学|小学|幼儿园|[局厅部院馆处会室所站]|中心|公司|基地|集团|出版社|"
    r"委员会|办公室|平台|人民政府|联盟|工作坊)(?:\([\u3400-\u9fff]{2,12}\))?)(?:\(?(?:印章?|盖?章|公章)\)?)?(?:20\d\d年.*)?"
)
_NOT_ISSUER = re.compile(
    r"网址|网站|网$|查询|技术支持|支持单位|平台支持|校长|院长|主席|主任|专业|工作单位|证书|证明|课程|于\d|参加|培训班|学习|联系|电话|扫|验证"
)
_ORG_WORDS = re.compile(r"[省市县]|教育|委员会|公司|局|厅|大学|学院|中心")
_ALL_HAN = re.compile(r"[\u3400-\u9fff]{4,30}")
_LEAD = re.compile(
    r"^(?:校名|学校名称|主考(?:学校|院校)|培养单位|(?:颁发|颁证|发证|主办|承办|培训|组织|授予|开课)(?:单位|机构|机关|学校)|学校):?"
)


def signing_issuers(document: DocumentText, near: Found | None) -> list[Found]:
    """Return the organisations that stand alone on their lines about the date `near` (or in the page's lower half)."""
    signed: list[Found] = []
    for order, line in enumerate(document.lines):
        if not _about(document, line, near):
            continue
        found = org_on(document, line, order)
        if found is None or any(found.value in other.value for other in signed):
            # A seal repeats the name, whole or in part.
            continue
        signed = [other for other in signed if other.value not in found.value]
        signed.append(found)
    return [_doubted(f) for f in signed] if signed and _unread_org(document, near, signed) else signed


def org_on(document: DocumentText, line: PlacedLine, order: int) -> Found | None:
    """Return the organisation that a line is, None where it is anything else."""
    text = line.run.text
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    match = _ORG_LINE.fullmatch(text, start)
    if match is None or _NOT_ISSUER.search(text[start:]):
        return None
    return candidate_at(document, FieldName.ISSUER, line.run.part(*match.span("org")), SIGNED, order)


def joined(found: Sequence[Found]) -> Found:
    """Return several issuers as one fact, in the order given; its place is the first one's."""
    first = found[0]
    if len(found) == 1:
        return first
    value = JOINT.join(f.value for f in found)
    return Found(first.name, value, min(f.belief for f in found), first.span, first.place)


def _about(document: DocumentText, line: PlacedLine, near: Found | None) -> bool:
    page = document.pages[line.page].number
    if near is None:
        return line.box.top > LOWER_HALF
    return near.span.page == page and abs(line.box.center_y - near.span.box.center_y) < NEAR_DATE


def _unread_org(document: DocumentText, near: Found | None, signed: Sequence[Found]) -> bool:
    """Return whether a line among the signatures speaks of an organisation that was not read: a joint issuer, sealed."""
    known = "".join(f.value for f in signed)
    top = min(f.span.box.top for f in signed) - NEAR_SIGNATURE
    for order, line in enumerate(document.lines):
        text = line.run.text
        if line.box.top < top or not _about(document, line, near) or org_on(document, line, order):
            continue
        words = set(_ORG_WORDS.findall(text))
        if words and not words <= set(_ORG_WORDS.findall(known)) and not _NOT_ISSUER.search(text) and _ALL_HAN.fullmatch(text):
            return True
    return False


def _doubted(found: Found) -> Found:
    return replace(found, belief=found.belief * SEALED_NEIGHBOUR)
