"""What kind of organisation an issuer is, by its name alone: forms/issuers.yaml; unknown when unsure. Pure."""

import re
from functools import cache
from typing import Literal, get_args

import yaml

from core.errors import Invalid
from ocr.formbook import FORMS_DIR
from ocr.runs import folded

IssuerKind = Literal[
    "education_authority", "university", "school", "company", "human_resources", "mooc_platform", "unknown"
]
KINDS: frozenset[str] = frozenset(get_args(IssuerKind))


def issuer_kind(name: str) -> IssuerKind:
    """Return the kind of one organisation by its full name; the first rule of the data that fits decides."""
    text = folded(name)
    for kind, pattern in _rules():
        if pattern.search(text):
            return kind
    return "unknown"


def issuer_kinds(names: str) -> tuple[IssuerKind, ...]:
    """Return the kinds of several issuers joined by `、`, in order."""
    return tuple(issuer_kind(name) for name in names.split("、") if name.strip())


@cache
def _rules() -> tuple[tuple[IssuerKind, re.Pattern[str]], ...]:
    path = FORMS_DIR / "issuers.yaml"
    with path.open(encoding="utf-8") as stream:
        data = yaml.safe_load(stream)
    rules: list[tuple[IssuerKind, re.Pattern[str]]] = []
    for entry in data["rules"]:
        kind: IssuerKind = entry["kind"]
        if kind not in KINDS:
            raise Invalid(
                "form_invalid",
                "The form {file} is wrong at {key}: {problem}.",
                file=path.name,
                key=kind,
                problem="kind",
            )
        rules.append((kind, re.compile(entry["pattern"])))
    return tuple(rules)
