"""CEL expressions over facts, three-valued: an unknown fact makes the answer unknown, never true and never false.

How that is kept: an unknown fact is *left out* of the context instead of being null, because the library says
`null == 60` is false and `null != 60` is true. A name that is left out is an error, and CEL's `||` and `&&` absorb an
error exactly as three-valued logic asks (true || error is true, false && error is false). For the same reason the
word null, comprehensions, and functions that could swallow an error are not part of a pack's language.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from string import Formatter
from typing import Any

import cel

from verification.facts import FACTS, ROW_FACTS, Facts

# A function of ours raises to say "cannot be decided"; the library logs each raise as a warning of its own.
logging.getLogger("cel").setLevel(logging.ERROR)

_DAY = re.compile(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")
_NULL = re.compile(r"\bnull\b")
_STRINGS = re.compile(r"'[^']*'|\"[^\"]*\"")
# Text tests and size come with the library; operators are listed by it under names such as _>=_ and @in.
_LIBRARY_FUNCTIONS = frozenset({"contains", "startsWith", "endsWith", "matches", "size"})
_REFUSED_OPERATORS = frozenset({"@not_strictly_false"})
_ERRORS = (RuntimeError, TypeError, ValueError, LookupError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an expression or message cannot be used: a stable code, a message id, and the name at fault."""

    code: str
    message: str
    name: str


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression and the facts it asks."""

    program: Any
    facts: tuple[str, ...]


class UndecidedError(ValueError):
    """Raised by a function of the pack language when its facts do not decide the answer."""


def _span(day: str) -> tuple[str, str]:
    """Return the first and the last day that an ISO date, month or year can mean.

    Day 31 stands for the end of every month: the texts are only compared, and no real day lies behind it.
    """
    found = _DAY.match(day)
    if not found:
        raise UndecidedError(day)
    year, month, date = found.groups()
    return f"{year}-{month or '01'}-{date or '01'}", f"{year}-{month or '12'}-{date or '31'}"


def between(day: str, start: str, end: str) -> bool:
    """Return whether the date lies in start..end, both included; undecided if only a part of the month or year does."""
    first, last = _span(day)
    if start <= first and last <= _span(end)[1]:
        return True
    if last < start or first > end:
        return False
    raise UndecidedError(day)


def before(day: str, limit: str) -> bool:
    """Return whether the date lies before `limit`; undecided if a month or year without a day lies around it."""
    first, last = _span(day)
    if last < limit:
        return True
    if first >= limit:
        return False
    raise UndecidedError(day)


FUNCTIONS: dict[str, Callable[..., bool]] = {"between": between, "before": before}


@cache
def compiled(source: str) -> Expression:
    """Return the compiled expression; ValueError if it does not parse."""
    program = cel.compile(source)
    return Expression(program, tuple(program.variables()))


def truth(source: str, context: Any) -> bool | None:
    """Return what the expression says in this context; None for unknown, or for an answer that is no truth value."""
    answer = _answer(source, context)
    return answer if isinstance(answer, bool) else None


def number(source: str, context: Any) -> Decimal | None:
    """Return the figure of an expression in this context; None for unknown."""
    answer = _answer(source, context)
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        return None
    return Decimal(int(answer)) if answer == int(answer) else Decimal(repr(answer))


def _answer(source: str, context: Any) -> object:
    try:
        answer: object = compiled(source).program.execute(context)
    except _ERRORS:
        return None
    return answer


def context_of(facts: Facts) -> Any:
    """Return the library's context with the known facts and the pack language's functions."""
    return cel.Context(dict(facts.known), FUNCTIONS)


def expression_problem(source: str, *, row: bool) -> Problem | None:
    """Return what is wrong with a pack's expression, or None. `row` allows the facts of a sign-in row."""
    try:
        expression = compiled(source)
    except ValueError as error:
        return Problem("pack_bad_expression", "{file} line {line}: {key}: not an expression: {name}", str(error))
    if _NULL.search(_STRINGS.sub("''", source)):
        return Problem("pack_unknown_fact", "{file} line {line}: {key}: the fact {name} is not known.", "null")
    for name in expression.facts:
        if name not in FACTS and not (row and name in ROW_FACTS):
            return Problem("pack_unknown_fact", "{file} line {line}: {key}: the fact {name} is not known.", name)
    for name in expression.program.functions():
        if name in _REFUSED_OPERATORS or not (_is_operator(name) or name in FUNCTIONS or name in _LIBRARY_FUNCTIONS):
            return Problem(
                "pack_unknown_function", "{file} line {line}: {key}: the function {name} is not known.", name
            )
    return None


def _is_operator(name: str) -> bool:
    return not name[0].isalpha()


def place_problem(text: str) -> Problem | None:
    """Return what is wrong with a message's `{fact}` places, or None."""
    try:
        places = list(Formatter().parse(text))
    except ValueError:
        message = "{file} line {line}: {key}: {name} is no message with {{fact}} places."
        return Problem("pack_bad_message", message, text)
    for _, name, _, _ in places:
        if name is not None and name not in FACTS and name not in ROW_FACTS:
            return Problem("pack_unknown_fact", "{file} line {line}: {key}: the fact {name} is not known.", name)
    return None
