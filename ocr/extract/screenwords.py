"""The words of score pages around the course, from forms/screens.yaml. Pure apart from reading that file once."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from core.errors import Invalid
from core.vocabulary import DocType, FieldName
from ocr.formbook import FORMS_DIR, formbook

FILE = "screens.yaml"


@dataclass(frozen=True, slots=True)
class ScreenWords:
    """Which lines are no course's title, words of a page's parts, words over other courses, words of components."""

    not_titles: re.Pattern[str]
    part_words: re.Pattern[str]
    others: re.Pattern[str]
    components: re.Pattern[str]


@cache
def screen_words() -> ScreenWords:
    """Load the words once. Raises Invalid `form_invalid` naming the file and what is wrong."""
    with (FORMS_DIR / FILE).open(encoding="utf-8") as stream:
        data: dict[str, Any] = yaml.safe_load(stream)
    try:
        return ScreenWords(**{name: re.compile("|".join(data[name])) for name in ScreenWords.__slots__})
    except (KeyError, TypeError, re.error) as problem:
        raise Invalid(
            "form_invalid",
            "The form {file} is wrong at {key}: {problem}.",
            file=FILE,
            key=FILE,
            problem=str(problem),
        ) from problem


@cache
def labels() -> tuple[str, ...]:
    """Return all labels of a score page, longest first."""
    return formbook().forms[DocType.SCORE_SCREENSHOT].stops


@cache
def title_words() -> frozenset[str]:
    """Return the labels that name a course."""
    of_page = formbook().forms[DocType.SCORE_SCREENSHOT].labels
    return frozenset(word for label in of_page if label.name is FieldName.TITLE for word in label.words)
