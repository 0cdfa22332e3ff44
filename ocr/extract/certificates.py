"""Diplomas, degree and training certificates: who signs, and facts that the number states. Pure."""

from core.vocabulary import DocType, FieldName
from ocr.extract.issuers import joined, signing_issuers
from ocr.extract.schools import school_of
from ocr.extract.wholes import whole
from ocr.fields import candidate_at
from ocr.formbook import formbook
from ocr.found import Found
from ocr.labels import beside_labels
from ocr.layout import DocumentText
from ocr.numbers import degree_number, diploma_number

Facts = dict[FieldName, Found]

FROM_NUMBER = 0.9
# When the studies ended, where a label tells when they began; alone it is the day of the paper.
ENDED = 0.95
_ENDED = (
    "毕业年月",
    "毕业时间",
    "毕业日期",
    "毕(结)业日期",
    "毕(结)业时间",
    "毕(结)业年月",
    "毕结业日期",
    "离校时间",
    "离校日期",
    "毕业",
)


def refine_schooling(document: DocumentText, doc_type: DocType, facts: Facts) -> Facts:
    """Complete a diploma or degree certificate: both issuers of self-study; what only the number says."""
    out = refine_signed(document, facts)
    out = _with_school(document, out)
    if FieldName.ISSUER in out:
        out = {**out, FieldName.ISSUER: whole(document, out[FieldName.ISSUER])}
    if FieldName.PERIOD_START in out and FieldName.PERIOD_END not in out and (ended := _ended(document, doc_type)):
        out = {**out, FieldName.PERIOD_END: ended}
    number = out.get(FieldName.CERTIFICATE_NO)
    if number is None:
        return out
    stated = diploma_number(number.value) if doc_type is DocType.DIPLOMA else degree_number(number.value)
    if stated is None:
        return out
    implied = {FieldName.EDUCATION_LEVEL: stated.level, FieldName.STUDY_FORM: stated.study_form}
    for name, value in implied.items():
        if value and name not in out:
            out[name] = Found(name, value, number.belief * FROM_NUMBER, number.span, number.place)
    return out


def _with_school(document: DocumentText, facts: Facts) -> Facts:
    """Return the facts with the one school that a paper names: its issuer, or what makes its issuer sure."""
    school = school_of(document)
    printed = facts.get(FieldName.ISSUER)
    if school is None or (printed and (printed.value != school.value or printed.belief >= school.belief)):
        return facts
    if printed and FieldName.STUDY_FORM in facts and facts[FieldName.STUDY_FORM].value == "自学考试":
        # a committee signs these, too
        return facts
    return {**facts, FieldName.ISSUER: school}


def _ended(document: DocumentText, doc_type: DocType) -> Found | None:
    """Return when the studies ended by a label of its own."""
    for run, _, closeness in beside_labels(document, _ENDED, formbook().forms[doc_type].stops):
        place = max(document.by_line.text.find(run.text), 0)
        found = candidate_at(document, FieldName.PERIOD_END, run, ENDED * closeness, place)
        if found:
            return found
    return None


def refine_signed(document: DocumentText, facts: Facts) -> Facts:
    """Put all organisations that sign about the date in place of the one that the form found."""
    signed = signing_issuers(document, facts.get(FieldName.ISSUE_DATE))
    printed = facts.get(FieldName.ISSUER)
    if not signed:
        return facts
    if (
        printed
        and printed.belief > signed[0].belief
        and (all(printed.value not in s.value for s in signed) or [printed.value] == [s.value for s in signed])
    ):
        # A labelled issuer outweighs names that merely stand near the date.
        return facts
    return {**facts, FieldName.ISSUER: joined(signed)}
