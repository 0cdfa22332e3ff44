"""Words that leave a fact to a person, from forms/doubts.yaml: each lowers the belief in the facts it touches. Pure."""

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import yaml

from core.errors import Invalid
from core.vocabulary import DocType, FieldName
from ocr.extract.modules import below
from ocr.formbook import COMMON, FORMS_DIR, expanded
from ocr.found import Found
from ocr.issuers import issuer_kinds
from ocr.layout import DocumentText
from ocr.values import person_name

Facts = dict[FieldName, Found]

DOUBTED = 0.6
PASS_MARK = 60
NOTE = "doubtful_wording"
FILE = "doubts.yaml"
_PLANNED = re.compile(
    r"(?:应[修学]|应完成|计划|规定|要求|核定)(?:总|培训|研修|学习|课程)*(?:学时|课时|学分)?(?:数|为|:|\n)*(?P<hours>\d{1,4}(?:\.\d)?)(?![\d.]*[年月日号分%])"
)
_NAMES = re.compile(r"(?:学员|教师|参训|人员|持证人)?(?:姓名|名单|人员)")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A pattern over flowing text or lines, and what it makes doubtful: fields, types, kinds of issuer (none: all)."""

    types: frozenset[DocType]
    fields: tuple[FieldName, ...]
    lines: bool
    issuers: frozenset[str]
    pattern: re.Pattern[str]


def doubted(document: DocumentText, kind: DocType, facts: Facts) -> tuple[Facts, tuple[str, ...]]:
    """Return the facts with less belief where the document's words call for it, and a note if any did.

    Hours of a training that is not named are doubtful too: nothing says what they were for; so are those of one failed.
    A diploma of which nothing tells the level can be a lower school's.
    """
    names: set[FieldName] = set()
    issuer = facts.get(FieldName.ISSUER)
    issuers = frozenset(issuer_kinds(issuer.value)) if issuer else frozenset()
    for doubt in _doubts():
        text = document.by_line.text if doubt.lines else document.flow.text
        if kind in doubt.types and (not doubt.issuers or doubt.issuers & issuers) and doubt.pattern.search(text):
            names |= set(doubt.fields) & set(facts)
    if kind is DocType.TRAINING_CERTIFICATE and _lists_learners(document):
        names |= {FieldName.HOURS, FieldName.HOLDER_NAME} & set(facts)
    if _short_of_plan(document, facts):
        names |= {FieldName.HOURS}
    if kind is DocType.TRAINING_CERTIFICATE and (FieldName.TITLE not in facts or _failed(facts)):
        names |= {FieldName.HOURS} & set(facts)
    named = kind is DocType.DIPLOMA and FieldName.HOLDER_NAME in facts
    levelless = named and FieldName.EDUCATION_LEVEL not in facts
    if not names:
        return facts, (NOTE,) if levelless else ()
    lowered = {name: replace(facts[name], belief=facts[name].belief * DOUBTED) for name in names}
    return {**facts, **lowered}, (NOTE,)


def _lists_learners(document: DocumentText) -> bool:
    """Return whether a column headed as names holds several: the paper is of them all."""
    for head in document.lines:
        if not _NAMES.fullmatch(head.run.text):
            continue
        named, last = 0, head
        while (lower := below(document, last, head)) and (name := person_name(lower.run.text)):
            named += name.factor == 1.0
            last = lower
        if named > 1:
            return True
    return False


def _short_of_plan(document: DocumentText, facts: Facts) -> bool:
    """Return whether more hours are told as asked for than those taken: not all was done, or the part was taken."""
    hours = facts.get(FieldName.HOURS)
    return hours is not None and any(
        float(planned["hours"]) > float(hours.value) for planned in _PLANNED.finditer(document.flow.text)
    )


def _failed(facts: Facts) -> bool:
    """Return whether a score of a hundred is below the usual pass."""
    score, highest = facts.get(FieldName.SCORE), facts.get(FieldName.SCORE_MAX)
    return score is not None and (highest is None or highest.value == "100") and float(score.value) < PASS_MARK


@cache
def _doubts() -> tuple[Doubt, ...]:
    """Load the bundled doubts once. Raises Invalid `form_invalid` naming the file and what is wrong."""
    macros = {k: str(v) for k, v in _mapping(COMMON)["macros"].items()}
    return tuple(_doubt(entry, macros) for entry in _mapping(FILE)["doubts"])


def _doubt(entry: dict[str, Any], macros: dict[str, str]) -> Doubt:
    try:
        return Doubt(
            frozenset(DocType(kind) for kind in entry["types"]),
            tuple(FieldName(name) for name in entry["fields"]),
            entry.get("in") == "lines",
            frozenset(entry.get("issuers", ())),
            re.compile(expanded(entry["pattern"], macros), re.MULTILINE),
        )
    except (KeyError, ValueError, re.error) as problem:
        raise Invalid(
            "form_invalid",
            "The form {file} is wrong at {key}: {problem}.",
            file=FILE,
            key=str(entry),
            problem=str(problem),
        ) from problem


def _mapping(name: str) -> dict[str, Any]:
    with (FORMS_DIR / name).open(encoding="utf-8") as stream:
        data: dict[str, Any] = yaml.safe_load(stream)
    return data
