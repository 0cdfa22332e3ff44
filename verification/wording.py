"""Facts in the words of a finding's message, Chinese or English. Pure."""

from collections.abc import Sequence

from core.i18n import translator
from core.vocabulary import FieldName
from verification.facts import FACTS, UNCLEAR_FIELDS, Facts

DOUBT = "Read with too little certainty: {facts}. A person must look at it."
COMMA = {"zh": "、", "en": ", "}
FIELD_WORDS = {
    FieldName.HOLDER_NAME: "the holder's name",
    FieldName.NICKNAME: "the nickname",
    FieldName.REAL_NAMED: "whether the real name was used",
    FieldName.GENDER: "the gender",
    FieldName.BIRTH_DATE: "the birth date",
    FieldName.ID_NUMBER: "the ID number",
    FieldName.CERTIFICATE_NO: "the certificate number",
    FieldName.ISSUER: "the issuing organisation",
    FieldName.PLATFORM: "learning platform, canonical name",
    FieldName.TITLE: "course, project or activity title",
    FieldName.EDUCATION_LEVEL: "level of the diploma or degree",
    FieldName.STUDY_FORM: "the form of study",
    FieldName.PERIOD_START: "the first day",
    FieldName.PERIOD_END: "the last day",
    FieldName.HOURS: "the 学时 printed",
    FieldName.HOURS_UNIT: "unit of that figure: 学时, 学分 or 小时",
    FieldName.SCORE: "the score of a hundred",
    FieldName.SCORE_MAX: "the highest score possible",
    FieldName.GRADE: "the grade",
    FieldName.ISSUE_DATE: "date of issue",
}


def doubt(names: Sequence[str], language: str) -> str:
    """Return the sentence that says which facts were read badly."""
    say = translator(language)
    return say(DOUBT).format(facts=COMMA[language].join(say(FACTS[name].meaning) for name in names))


def filled(text: str, facts: Facts, language: str) -> str:
    """Put the facts into a message; an unknown one shows as a question mark."""
    if "{" not in text:
        return text
    return text.format_map(_Shown(facts, language))


class _Shown(dict[str, str]):
    """The facts as a message shows them."""

    def __init__(self, facts: Facts, language: str) -> None:
        super().__init__()
        self._facts = facts
        self._language = language

    def __missing__(self, name: str) -> str:
        value = self._facts.known.get(name)
        if value is None:
            return "?"
        if name == UNCLEAR_FIELDS:
            say = translator(self._language)
            return COMMA[self._language].join(say(FIELD_WORDS[FieldName(code)]) for code in str(value).split())
        return f"{value:g}" if isinstance(value, float) else str(value)
