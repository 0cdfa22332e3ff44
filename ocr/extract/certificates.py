"""Diplomas, degree and training certificates: who signs, and facts that the number states. Pure."""

import re
from dataclasses import replace

from core.vocabulary import DocType, FieldName
from ocr.extract.issuers import joined, signing_issuers
from ocr.found import Found
from ocr.issuers import issuer_kinds
from ocr.layout import DocumentText
from ocr.numbers import degree_number, diploma_number

Facts = dict[FieldName, Found]

FROM_NUMBER = 0.9
# What stands in for a lost diploma is dated when it was made out, not when its holder graduated.
REISSUED = 0.6
# What is told of a team, or of training that schools or human-resources departments answer for.
OTHERS = 0.6
_TEAM = re.compile(
    r"(?:团队|全体|全组|小组|全校|全员)(?:共计?|合计|累计|总计)\d|"
    r"等(?:\d+|[二三四五六七八九十]+)余?[名位人]|\d人次"
)
_NOT_THEIRS = re.compile(r"公需(?:科目|课)|(?:[本我]校|学校|校内)[^,。\n]{0,8}校本(?:培训|研修|教研)")
_REISSUED = re.compile(r"(?<!不)(?<!不予)补[发办]|毕业证明书|证书(?:已|因故)?(?:遗失|丢失)(?!不)")


def refine_schooling(document: DocumentText, doc_type: DocType, facts: Facts) -> Facts:
    """Complete a diploma or degree certificate: both issuers of self-study; what only the number says."""
    out = refine_signed(document, facts)
    issued = out.get(FieldName.ISSUE_DATE)
    if issued and _REISSUED.search(document.flow.text):
        out = {**out, FieldName.ISSUE_DATE: replace(issued, belief=issued.belief * REISSUED)}
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
    """Put all organisations that sign about the date in place of the one that the form found.

    Hours told for a team, and an authority under training that is not its own, are left to a person.
    """
    out = _with_signers(document, facts)
    text = document.flow.text
    hours, issuer = out.get(FieldName.HOURS), out.get(FieldName.ISSUER)
    if hours and _TEAM.search(text):
        out = {**out, FieldName.HOURS: replace(hours, belief=hours.belief * OTHERS)}
    if issuer and "education_authority" in issuer_kinds(issuer.value) and _NOT_THEIRS.search(text):
        out = {**out, FieldName.ISSUER: replace(issuer, belief=issuer.belief * OTHERS)}
    return out


def _with_signers(document: DocumentText, facts: Facts) -> Facts:
    signed = signing_issuers(document, facts.get(FieldName.ISSUE_DATE))
    printed = facts.get(FieldName.ISSUER)
    if not signed:
        return facts
    if printed and printed.belief > signed[0].belief and all(printed.value not in s.value for s in signed):
        # A labelled issuer outweighs names that merely stand near the date.
        return facts
    return {**facts, FieldName.ISSUER: joined(signed)}
