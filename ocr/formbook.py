"""The forms as data: what speaks for a document type, and where its fields stand; from forms/<type>.yaml, strictly.

A form file holds `doc_type`; `evidence` (pattern, weight, place) for classification; `sentences`, patterns whose named
groups are fields; `labels`, printed labels whose value stands after, right of or below them; `last`, the fields of
which the last occurrence on the page counts. `%name%` in a pattern stands for a macro of forms/common.yaml.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from core.errors import Invalid
from core.vocabulary import DocType, FieldName

FORMS_DIR = Path(__file__).parent / "forms"
COMMON = "common.yaml"

View = Literal["flow", "lines", "head"]
VIEWS: tuple[View, ...] = ("flow", "lines", "head")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A pattern that speaks for (or, with a negative weight, against) a type when found in a view of the text."""

    pattern: re.Pattern[str]
    weight: float
    view: View


@dataclass(frozen=True, slots=True)
class Sentence:
    """A pattern over flowing text or single lines; named groups are fields, `sets` are values that a match implies."""

    pattern: re.Pattern[str]
    weight: float
    view: View
    sets: dict[FieldName, str]
    note: str | None


@dataclass(frozen=True, slots=True)
class Label:
    """A field's printed labels, likeliest first, and how sure a value beside one is."""

    name: FieldName
    words: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Form:
    """All that is known of one type of document."""

    doc_type: DocType
    evidence: tuple[Evidence, ...]
    sentences: tuple[Sentence, ...] = ()
    labels: tuple[Label, ...] = ()
    last: frozenset[FieldName] = frozenset()
    stops: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Formbook:
    """All forms, and the words shared by them."""

    forms: dict[DocType, Form]
    not_names: frozenset[str]
    surnames: frozenset[str]
    not_issuers: frozenset[str]
    platforms: tuple[tuple[str, re.Pattern[str]], ...]


@cache
def formbook() -> Formbook:
    """Load the bundled forms once. Raises Invalid `form_invalid` naming file and key."""
    common = _mapping(FORMS_DIR / COMMON)
    macros = {k: str(v) for k, v in common["macros"].items()}
    stops = tuple(str(w) for w in common["labels"])
    forms: dict[DocType, Form] = {}
    for doc_type in DocType:
        forms[doc_type] = _form(FORMS_DIR / f"{doc_type}.yaml", macros, stops)
    return Formbook(
        forms=forms,
        not_names=frozenset(str(w) for w in common["not_names"]),
        not_issuers=frozenset(str(w) for w in common["not_issuers"]),
        surnames=frozenset(common["surnames"]["single"]) - {" ", "\n"} | frozenset(common["surnames"]["compound"]),
        platforms=tuple((str(k), re.compile(expanded(str(v), macros))) for k, v in common["platforms"].items()),
    )


def expanded(pattern: str, macros: dict[str, str]) -> str:
    """Put the macros into a pattern; macros may use macros that stand before them."""
    while True:
        grown = re.sub(r"%(\w+)%", lambda m: macros[m[1]], pattern)
        if grown == pattern:
            return pattern
        pattern = grown


def _form(path: Path, macros: dict[str, str], stops: tuple[str, ...]) -> Form:
    data = _mapping(path)
    unknown = set(data) - {"doc_type", "evidence", "sentences", "labels", "last"}
    if unknown:
        raise _invalid(path, ", ".join(sorted(unknown)), "unknown key")
    labels = tuple(
        Label(_field(path, name), tuple(entry["words"]), float(entry["weight"]))
        for name, entry in data.get("labels", {}).items()
    )
    return Form(
        doc_type=DocType(data["doc_type"]),
        evidence=tuple(
            Evidence(_compiled(path, e["pattern"], macros), float(e["weight"]), _view(path, e))
            for e in data["evidence"]
        ),
        sentences=tuple(_sentence(path, s, macros) for s in data.get("sentences", ())),
        labels=labels,
        last=frozenset(_field(path, name) for name in data.get("last", ())),
        stops=tuple(sorted({*stops, *(w for label in labels for w in label.words)}, key=len, reverse=True)),
    )


def _sentence(path: Path, entry: dict[str, Any], macros: dict[str, str]) -> Sentence:
    unknown = set(entry) - {"pattern", "weight", "in", "set", "note"}
    if unknown:
        raise _invalid(path, ", ".join(sorted(unknown)), "unknown key in a sentence")
    pattern = _compiled(path, entry["pattern"], macros)
    for group in pattern.groupindex:
        if not group.startswith("x_"):
            _field(path, group)
    return Sentence(
        pattern,
        float(entry["weight"]),
        _view(path, entry),
        {_field(path, name): str(value) for name, value in entry.get("set", {}).items()},
        entry.get("note"),
    )


def _compiled(path: Path, pattern: str, macros: dict[str, str]) -> re.Pattern[str]:
    try:
        return re.compile(expanded(pattern, macros), re.MULTILINE)
    except (re.error, KeyError) as problem:
        raise _invalid(path, pattern, str(problem)) from problem


def _view(path: Path, entry: dict[str, Any]) -> View:
    view = entry.get("in", "flow")
    if view not in VIEWS:
        raise _invalid(path, str(view), "unknown view")
    chosen: View = view
    return chosen


def _field(path: Path, name: str) -> FieldName:
    try:
        return FieldName(name)
    except ValueError as problem:
        raise _invalid(path, name, "no such field") from problem


def _mapping(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8") as stream:
        data = yaml.safe_load(stream)
    if not isinstance(data, dict):
        raise _invalid(path, "", "not a mapping")
    return data


def _invalid(path: Path, key: str, problem: str) -> Invalid:
    return Invalid(
        "form_invalid", "The form {file} is wrong at {key}: {problem}.", file=path.name, key=key, problem=problem
    )
