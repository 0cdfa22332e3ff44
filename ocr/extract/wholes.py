"""Schools whose names a seal cut short: whole from another place that names them, in doubt where none does. Pure."""

import re
from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from ocr.extract.issuers import ALIKE, JOINT
from ocr.found import Found
from ocr.layout import DocumentText

# Belief in a name that lacks its end or its beginning, and in one put together of two readings.
CUT = 0.5
MENDED = 0.97
# A seal hides a few characters at most.
MOST_HIDDEN = 4
# A piece of a seal shares this many characters with the print that it lies over.
SHARED = 2
LONGEST_PIECE = 8
NEAR = 0.25

_WHOLE = re.compile(
    r"(?:大学|学[院校]|党校|[局厅部委处室馆]|委员会|办公室|考试院|研究[院所]|中心|公司|集团|分校|校区)(?:[(（].+[)）])?$"
)
# No place is called by these alone: what stood before them is lost.
_HEADLESS = re.compile(
    r"^(?:[州省市县]|第[一二三四五六七八九十]|(?:师范|理工|科技|工业|农业|农林|医科|财经|外国语|民族|开放|职业|职业技术|广播电视|工商|教育|电视)+(?:大学|学院|学校)$)"
)
_SCHOOL = r"(?P<org>[\u3400-\u9fff]{2,16}?(?:大学|学院|学校))"
_HEADS = re.compile(rf"{_SCHOOL}(?:(?:毕业|学[士位]|硕士|博士|成人|普通|网络|[校院]长|教务).*)?")
_IN_TEXT = re.compile(rf"[在于入由]{_SCHOOL}")
# Words before a name that are none of it.
_NO_NAME = re.compile(r"[我本该校院与和及在于入由从系被了]")
_PIECE = re.compile(rf"[\u3400-\u9fff]{{{SHARED + 1},{LONGEST_PIECE}}}")


def whole(document: DocumentText, issuer: Found) -> Found:
    """Return the issuer with each of its names whole, or in doubt; a name that is another's rest counts once."""
    names = [_mended(document, issuer, name) for name in issuer.value.split(JOINT)]
    kept = [name for name in dict.fromkeys(names) if not any(_is_rest(name, other) for other in names)]
    value = JOINT.join(kept)
    if any(not _WHOLE.search(name) or _HEADLESS.search(name) for name in kept):
        return replace(issuer, value=value, belief=issuer.belief * CUT)
    return issuer if value == issuer.value else replace(issuer, value=value, belief=issuer.belief * MENDED)


def _is_rest(name: str, other: str) -> bool:
    """Return whether a name is what a seal leaves of another: its end, or nearly its characters without an end."""
    if name == other or other.endswith(name):
        return name != other
    if _WHOLE.search(name) or not _WHOLE.search(other):
        return False
    return SequenceMatcher(None, name, other, autojunk=False).ratio() >= ALIKE


def _mended(document: DocumentText, issuer: Found, name: str) -> str:
    """Return the one longer name on the paper of which this is a piece, else the name itself."""
    longer = {
        full
        for full in (*_named(document), *_pieced(document, issuer, name))
        if 0 < len(full) - len(name) <= MOST_HIDDEN
        and (
            (full.endswith(name) and not _NO_NAME.search(full[: -len(name)]))
            or (full.startswith(name) and not _WHOLE.search(name))
        )
    }
    return next(iter(longer)) if len(longer) == 1 else name


def _named(document: DocumentText) -> Iterator[str]:
    """Yield the schools that head a line, and those that the text names behind 在, 于 and the like."""
    for line in document.lines:
        heads = _HEADS.fullmatch(line.run.text)
        if heads:
            yield heads["org"]
    yield from (match["org"] for match in _IN_TEXT.finditer(document.flow.text))


def _pieced(document: DocumentText, issuer: Found, name: str) -> Iterator[str]:
    """Yield the name with what a piece of its seal says before it: 云州第 beside 州第二师范学院."""
    for line in document.lines:
        text = line.run.text
        if abs(line.box.center_y - issuer.span.box.center_y) > NEAR or not _PIECE.fullmatch(text):
            continue
        for shared in range(SHARED, len(text)):
            if text[-shared:] == name[:shared]:
                yield text[:-shared] + name
