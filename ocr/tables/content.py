"""What columns hold, where no header says it: ordinals, names, phone numbers, and room for signatures."""

import re
from collections.abc import Callable, Sequence

from ocr.tables.header import SIGNATURE

DEFAULT_SLOT = "签名"
_ENOUGH = 0.6
_FEWEST_SAID = 4
_FEW_WORDS = 0.6
_ORDINAL = re.compile(r"\d{1,3}")
_PHONE = re.compile(r"1\d{10}|\d{3,4}-?\d{7,8}")
_ID_NUMBER = re.compile(r"\d{17}[\dXx]|\d{15}")
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}|[\u3400-\u9fff]{2,8}[·•・．.][\u3400-\u9fff]{1,8}")
_UNIT = re.compile(
    r".*(?:学校|中学|小学|幼儿园|中心|学院|大学|教育局|教研室|一中|二中|实验|校区)\S{0,4}|[\u3400-\u9fff]{5,}"
)
_SUBJECT = re.compile(
    r"(?:小学|初中|高中|中学|学前)?(?:语文|数学|英语|物理|化学|生物|政治|历史|地理|音乐|体育|美术|科学|信息技术|信息|思品|品德|道德与法治|道法|心理|学前|幼教|综合|全科|劳动)"
)


def infer_columns(texts: Sequence[Sequence[str]]) -> list[str | None] | None:
    """Return a role (or None) for each column of a table without a header, given each column's cell texts.

    None if no column holds names, or none is left for signatures. The signature columns are those without a role to
    the right of the names that are mostly unread (signatures seldom read as anything, empty cells never).
    """
    roles: list[str | None] = [_by_content(column) for column in texts]
    if "name" not in roles:
        return None
    for index, column in enumerate(texts):
        beside = roles[:index]
        if roles[index] == "name" and "name" in beside and not _starts_block(roles, index):
            roles[index] = None
        free = roles[index] is None and "name" in beside and not _repeats(column)
        if free and not _filled(column, lambda text: bool(_UNIT.fullmatch(text) or _SUBJECT.fullmatch(text))):
            slots = sum(role is not None and role.startswith(SIGNATURE) for role in beside)
            roles[index] = SIGNATURE + (DEFAULT_SLOT if slots == 0 else f"{DEFAULT_SLOT}{slots + 1}")
    return roles if any(role is not None and role.startswith(SIGNATURE) for role in roles) else None


def _repeats(column: Sequence[str]) -> bool:
    """Return whether a column says the same few words again and again (教师, 班主任): nobody signs so."""
    said = [text for text in column if len(text) > 1]
    return len(said) >= _FEWEST_SAID and len(set(said)) <= _FEW_WORDS * len(said)


def _starts_block(roles: Sequence[str | None], index: int) -> bool:
    """Return whether a second column of names begins a second block: the first block's lead stands before it."""
    first = roles.index("name")
    return index > 0 and first > 0 and roles[index - 1] == roles[first - 1] == "ordinal"


def _by_content(column: Sequence[str]) -> str | None:
    tests: list[tuple[str, Callable[[str], bool]]] = [
        ("id_number", lambda text: bool(_ID_NUMBER.fullmatch(text))),
        ("phone", lambda text: bool(_PHONE.fullmatch(text))),
        ("ordinal", lambda text: bool(_ORDINAL.fullmatch(text))),
        ("gender", lambda text: text in {"男", "女"}),
        ("subject", lambda text: bool(_SUBJECT.fullmatch(text))),
        ("unit", lambda text: bool(_UNIT.fullmatch(text))),
        ("name", lambda text: bool(_NAME.fullmatch(text))),
    ]
    said = sum(bool(text) for text in column)
    if said < max(1, 0.3 * len(column)):
        return None
    return next((role for role, test in tests if _filled(column, test)), None)


def _filled(column: Sequence[str], test: Callable[[str], bool]) -> bool:
    """Return whether most texts of a column pass a test."""
    said = [text for text in column if text]
    return bool(said) and sum(test(text) for text in said) >= _ENOUGH * len(said)
