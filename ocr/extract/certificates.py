"""Diplomas, degree and training certificates: who signs, and facts that the number states. Pure."""

from core.vocabulary import DocType, FieldName
from ocr.extract.issuers import joined, signing_issuers
from ocr.found import Found
from ocr.layout import DocumentText
from ocr.numbers import degree_number, diploma_number

Facts = dict[FieldName, Found]

FROM_NUMBER = 0.9


def refine_schooling(document: DocumentText, doc_type: DocType, facts: Facts) -> Facts:
    """Complete a diploma or degree certificate: both issuers of self-study; what only the number says."""
    out = refine_signed(document, facts)
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


def refine_signed(document: DocumentText, facts: Facts) -> Facts:
    """Put all organisations that sign about the date in place of the one that the form found."""
    signed = signing_issuers(document, facts.get(FieldName.ISSUE_DATE))
    printed = facts.get(FieldName.ISSUER)
    if not signed:
        return facts
    if printed and printed.belief > signed[0].belief and all(printed.value not in s.value for s in signed):
        # A labelled issuer outweighs names that merely stand near the date.
        return facts
    return {**facts, FieldName.ISSUER: joined(signed)}
