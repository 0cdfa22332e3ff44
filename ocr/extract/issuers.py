"""The organisations that sign a paper: all, in reading order, and none that merely hosts or is queried. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from statistics import median

from core.vocabulary import FieldName
from ocr.fields import candidate_at
from ocr.formbook import formbook
from ocr.found import Found
from ocr.glyphs import likeness
from ocr.layout import DocumentText
from ocr.runs import PlacedLine
from ocr.types import Box

# An issuer stands near the date it signs under: this far above or below it, as a share of the page's height.
NEAR_DATE = 0.22
LOWER_HALF = 0.5
SIGNED = 0.94
ELSEWHERE = 0.85
SEALED = 0.75
NEAR_SIGNATURE = 0.09
SIDE_BY_SIDE = 1.0
LABEL_REACH = 12.0
# A straight line is hardly taller than this many of its characters are wide; the text of a seal runs in an arc.
ARC = 2.2
SHORTEST_ARC = 2
LONGEST_CUT = 3
TOUCH = 0.02
# Two readings of one name, of which one is a seal's.
ALIKE = 0.6
SHORTEST_TWIN = 4
# Characters by which two schools of one place differ.
_TELLING = frozenset("东南西北中上下一二三四五六七八九十师医农工商理民财政科林海音体美文法")
# Of these only places begin a name.
_TELLING_FIRST = frozenset("东南西北中上下")
JOINT = "、"

_ORG_LINE = re.compile(
    r"(?P<org>(?!\()[\u3400-\u9fff·().“”A-Za-z0-9\\|/'`]{2,40}?(?:大学|学院|学校|党校|中学|小学|幼儿园|[局厅部院馆处室所站司]|[局厅委][\u3400-\u9fff]{1,8}[科股办]|中心|公司|基地|集团|出版社|"
    r"委员会|协会|学会|研究会|促进会|联合会|基金会|办公室|平台|人民政府|联盟|工作坊)(?:\((?!盖章|公章|印章|签章|签字)[\u3400-\u9fff]{2,12}\))?)"
    r"(?:\(?(?:印章?|盖?章|公章)\)?)?(?:20\d\d年.*|(?:副?[校院]长(?!培训|研修|进修|发展|学院)|\([校院]\)长):?[\u3400-\u9fff·]{0,6}|[A-Za-z,.&'()\-]{4,})?"
)
_NOT_ISSUER = re.compile(
    r"[我本][校院]|^经(?!济|贸|纬)|(?:工作|所在|任职|任教|推荐|选送|派出)(?:单位|学校)|网址|网站|网$|查询|技术支持|支持单位|平台支持|校长|院长|主席|主任|专业(?!技术|委员会)|工作单位|证书|证明|课程|于\d|参加|培训班|学习(?!中心|平台)|联系|电话|扫|验证|考核|成绩|中华人民共和国教育部学"
)
_LEAD = re.compile(
    r"^(?:校名|学校名称|主考(?:学校|院校)|毕业院校|培养单位|(?:认定|颁发|颁证|发证|主办|承办|培训|组织|授予|开课|办学)(?:单位|机构|机关|学校)|(?:主办|承办|颁发|认定)(?=:)|学校):?"
)
# Labels of those who are no issuers: where a person works, who supports, prints, or is sent a copy.
_PERSONS_UNIT = re.compile(
    r"^(?:工作|所在|任职|任教|推荐|选送|派出)?(?:单位|学校)(?:名称)?:?$|"
    r"^(?:(?:技术|特别|学术)?支持|协办|指导|监制|印制|批准|审批|抄送|[主抄]报|许可|监督|(?:培训|活动)?地[点址])(?:单位|机构|机关)?:?$|"
    # where one studied at a distance from the school that graduates
    r"^(?:(?:函授|教学|辅导|校外|业余|学习|奥鹏|远程|网络|学生|分)+(?:站|点|中心)|(?:函授|教学|辅导|学习|校外)+站\(点\))(?:名称)?:?$"
)
# Who carries a training out, which another certifies.
_CARRIES_OUT = re.compile(r"^(?:承办|培训|施训|组织|实施|办班|教学)(?:单位|机构|学校|院校|方)?:")
BELOW_LABEL = 1.5
# A school that a person is of; diplomas name colleges so.
_OF_PERSON = re.compile(r"(?:学校|单位)(?:名称)?:.*(?:中学|小学|幼儿园|学校)$")
_ORG_WORDS = re.compile(r"[省市县]|教育|委员会|公司|局|厅|大学|学院|中心")
_ALL_HAN = re.compile(r"[\u3400-\u9fff]{4,30}")
# The text of a seal run into the printed name: an authority with the rest of another name behind it.
_RUN_TOGETHER = re.compile(r"(?:局|厅|公司)(?!.{0,12}(?:室|科|处|办公室|中心|馆|股|站|院|\))$).")


def signing_issuers(document: DocumentText, near: Found | None) -> list[Found]:
    """Return the organisations that stand alone on their lines: those about the date `near`, else in the lower half.

    Where neither has any, those elsewhere on the page, with less belief. A person's own unit is none.
    """
    ways: tuple[tuple[Callable[[PlacedLine], bool], float], ...] = (
        (lambda line: near is not None and _about(document, line, near), 1.0),
        (lambda line: line.box.top > LOWER_HALF, 1.0 if near is None else ELSEWHERE),
        (lambda _: True, ELSEWHERE),
    )
    for fits, belief in ways:
        signed = _standing(document, fits)
        certified = [f for f in signed if not _carries_out(document, f)]
        signed = certified or signed
        if signed:
            doubt = SEALED if _unread_org(document, near, signed) else 1.0
            return [replace(f, belief=f.belief * belief * doubt) for f in signed]
    return []


def org_on(document: DocumentText, line: PlacedLine, order: int) -> Found | None:
    """Return the organisation that a line is, None where it is anything else."""
    text = line.run.text
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    match = _ORG_LINE.fullmatch(text, start)
    if match is None or _NOT_ISSUER.search(match["org"]) or _OF_PERSON.match(text):
        return None
    found = candidate_at(document, FieldName.ISSUER, line.run.part(*match.span("org")), SIGNED, order)
    if found:
        found = _without_seal(document, line, found)
    if found and _RUN_TOGETHER.search(found.value):
        return replace(found, belief=found.belief * SEALED)
    return found


def _without_seal(document: DocumentText, line: PlacedLine, found: Found) -> Found:
    """Cut off what a seal put before a printed name: 云岭省 in an arc beside it and 教云岭省教育厅 on its line."""
    for other in document.lines:
        arc = other.run.text
        touches = other.page == line.page and other is not line and _touch(other.box, line.box)
        if not touches or len(arc) < SHORTEST_ARC:
            continue
        for cut in range(1, LONGEST_CUT + 1):
            if found.value[cut:].startswith(arc + found.value[:cut]):
                return replace(found, value=found.value[cut:])
    return found


def _touch(one: Box, other: Box) -> bool:
    return min(one.right, other.right) + TOUCH > max(one.left, other.left) and min(one.bottom, other.bottom) > max(
        one.top, other.top
    )


def _carries_out(document: DocumentText, found: Found) -> bool:
    line = document.lines[found.place]
    return bool(_CARRIES_OUT.match(line.run.text))


def joined(found: Sequence[Found]) -> Found:
    """Return several issuers as one fact, in the order given; its place is the first one's."""
    first = found[0]
    if len(found) == 1:
        return first
    value = JOINT.join(f.value for f in found)
    return replace(first, value=value, belief=min(f.belief for f in found))


def _standing(document: DocumentText, fits: Callable[[PlacedLine], bool]) -> list[Found]:
    """Return the organisations on lines that fit; a seal repeats a name, whole or in part, which counts once."""
    signed: list[Found] = []
    for order, line in enumerate(document.lines):
        found = org_on(document, line, order) if fits(line) else None
        if found is None or is_persons_unit(document, line):
            continue
        if any(found.value in other.value and not _printed_rather(document, found, other) for other in signed):
            continue
        if any(_misread(found, other) and found.span.confidence <= other.span.confidence for other in signed):
            continue
        signed = [other for other in signed if not _misread(found, other)]
        twin = next((other for other in signed if _by_seal(document, found, other)), None)
        if twin and _in_arc(document, found):
            continue
        signed = [other for other in signed if other is not twin]
        signed = [other for other in signed if other.value not in found.value]
        signed.append(found)
    return _in_order(signed)


def _printed_rather(document: DocumentText, found: Found, other: Found) -> bool:
    """Return whether, of two equal readings, this one is of the usual size: the other is a seal's."""
    if found.value != other.value:
        return False
    usual = median(line.height for line in document.lines)
    return abs(found.span.box.height - usual) < abs(other.span.box.height - usual)


def _by_seal(document: DocumentText, one: Found, other: Found) -> bool:
    """Return whether two names nearly alike are a printed one and its seal's, read in an arc."""
    if _in_arc(document, one) == _in_arc(document, other):
        return False
    return SequenceMatcher(None, one.value, other.value, autojunk=False).ratio() >= ALIKE


def _misread(one: Found, other: Found) -> bool:
    """Return whether two names are one school's, read twice: but for a single character, which tells no two apart."""
    pairs = [(at, a, b) for at, (a, b) in enumerate(zip(one.value, other.value, strict=False)) if a != b]
    return (
        len(one.value) == len(other.value) >= SHORTEST_TWIN
        and one.value.endswith(("大学", "学院"))
        and len(pairs) == 1
        and not _tells_apart(*pairs[0])
    )


def _tells_apart(at: int, one: str, other: str) -> bool:
    """Return whether two schools can differ by these characters; look-alikes of which one is no such word do not."""
    telling = _TELLING if at else _TELLING_FIRST
    if telling.issuperset({one, other}):
        return True
    return not likeness(one, other) and bool(telling.intersection({one, other}))


def _in_arc(document: DocumentText, found: Found) -> bool:
    """Return whether a name's box is too tall for a straight line of its characters."""
    page = next(page for page in document.pages if page.number == found.span.page)
    box = found.span.box
    return box.height * page.height * len(found.span.text) > ARC * box.width * page.width


def _in_order(signed: list[Found]) -> list[Found]:
    """Order issuers from the top; those that stand side by side from the left, though a page leans a little."""
    ordered = sorted(signed, key=lambda f: f.span.box.center_y)
    for index in range(1, len(ordered)):
        one, other = ordered[index - 1], ordered[index]
        level = abs(one.span.box.center_y - other.span.box.center_y) < SIDE_BY_SIDE * other.span.box.height
        if level and other.span.box.left < one.span.box.left:
            ordered[index - 1], ordered[index] = other, one
    return ordered


def is_persons_unit(document: DocumentText, line: PlacedLine) -> bool:
    """Return whether the label left of a line, or else on the row above, says that it is no issuer's name."""
    left = [
        other
        for other in document.lines
        if other.page == line.page
        and 0 <= line.box.left - other.box.right < LABEL_REACH * other.em
        and abs(other.box.center_y - line.box.center_y) < line.height / 2
    ]
    nearest = max(left, key=lambda other: other.box.right, default=None)
    if nearest is not None:
        return bool(_PERSONS_UNIT.search(nearest.run.text))
    above = [
        other
        for other in document.lines
        if other.page == line.page and 0 <= line.box.top - other.box.bottom < BELOW_LABEL * line.height
    ]
    over = [other for other in above if min(other.box.right, line.box.right) > max(other.box.left, line.box.left)]
    above = over or above
    return len(above) == 1 and bool(_PERSONS_UNIT.search(above[0].run.text))


def _about(document: DocumentText, line: PlacedLine, near: Found) -> bool:
    same_page = near.span.page == document.pages[line.page].number
    return same_page and abs(line.box.center_y - near.span.box.center_y) < NEAR_DATE


def _unread_org(document: DocumentText, near: Found | None, signed: Sequence[Found]) -> bool:
    """Return whether a line among the signatures speaks of an organisation not read: a joint issuer under a seal."""
    known = set(_ORG_WORDS.findall("".join(f.value for f in signed)))
    top = min(f.span.box.top for f in signed) - NEAR_SIGNATURE
    for order, line in enumerate(document.lines):
        text = line.run.text
        if line.box.top < top or (near and not _about(document, line, near)) or org_on(document, line, order):
            continue
        if text in formbook().not_issuers:
            # whose committee resolved it, not who signs
            continue
        if _ALL_HAN.fullmatch(text) and not _NOT_ISSUER.search(text) and set(_ORG_WORDS.findall(text)) - known:
            return True
    return False
