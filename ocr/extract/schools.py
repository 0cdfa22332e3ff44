"""The school that gives a diploma or degree where no name stands alone to sign it: by its office or its place. Pure."""

import re
from collections import Counter
from dataclasses import replace

from core.vocabulary import FieldName
from ocr.fields import candidate_at
from ocr.found import Found
from ocr.layout import DocumentText

# A name before an office is the school's own; one read more than once is surer.
BY_OFFICE = 0.93
HEADED = 0.88
TWICE = 0.95
SEVERAL = 0.7
CLIPPED = 0.8
LOWER_HALF = 0.5

_SCHOOL = r"[\u3400-\u9fff]{2,14}?(?:大学|学院|学校|党校)"
_BEFORE = r"(?:^|(?<=[\n,。:;()·、\d]))"
_OFFICE = r"(?=学位评定|(?:副|代)?[校院]长|\([校院]\)长|,?主席|、|教务|(?:成人|继续|网络)教育|研究生院|\(?[公盖]章)"
_BY_OFFICE = re.compile(rf"{_BEFORE}(?P<org>{_SCHOOL}){_OFFICE}", re.MULTILINE)
_ALONE = re.compile(
    rf"{_BEFORE}(?P<org>{_SCHOOL})(?=$|\n|[a-zA-Z(]|(?:普通|成人|网络|开放|继续|高等|研究生)|(?:毕业|学位|学士|硕士|博士)[^\n]{{0,6}}证)",
    re.MULTILINE,
)
_CLIPPED = re.compile(r"^(?!.*(?:人|广|扩|最))[\u3400-\u9fff]{3,8}大$", re.MULTILINE)


def school_of(document: DocumentText) -> Found | None:
    """Return the one school that a paper names before an office, or on a line of its own; several are in doubt."""
    for pattern, weight in ((_BY_OFFICE, BY_OFFICE), (_ALONE, HEADED)):
        found = [
            candidate
            for match in pattern.finditer(document.by_line.text)
            if (
                candidate := candidate_at(
                    document, FieldName.ISSUER, document.by_line.part(*match.span("org")), weight, match.start()
                )
            )
        ]
        if not found:
            continue
        counts = Counter(f.value for f in found)
        best = max(found, key=lambda f: (counts[f.value], f.belief))
        others = {value for value in counts if value != best.value}
        if any(other not in best.value and best.value not in other for other in others):
            return replace(best, belief=best.belief * SEVERAL)
        return replace(best, belief=max(best.belief, TWICE * best.span.confidence)) if counts[best.value] > 1 else best
    return _clipped(document)


def _clipped(document: DocumentText) -> Found | None:
    """Return the university whose last character is lost under its seal: no other organisation ends so."""
    for match in _CLIPPED.finditer(document.by_line.text):
        run = document.by_line.part(*match.span())
        span = document.span(run)
        if span and span.box.top > LOWER_HALF:
            return Found(FieldName.ISSUER, f"{match[0]}学", CLIPPED * span.confidence, span, match.start())
    return None
