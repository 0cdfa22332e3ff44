"""What the columns of a table are: by the words in its header, or by what stands in the columns."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import yaml

from ocr.glyphs import likeness

_SPELLINGS = Path(__file__).parent.parent / "forms" / "columns.yaml"
SIGNATURE = "signature:"
_PUNCTUATION = re.compile(r"[\s:：()（）\[\]【】,，、./·*_—-]+")
_LONGEST_HEADER = 14
_ALIKE = 0.6
_TORN = set("签名到字退处栏")


@dataclass(frozen=True, slots=True)
class Spellings:
    """The header words of forms/columns.yaml, normalised."""

    roles: dict[str, str]
    signature: tuple[str, ...]
    slot: re.Pattern[str]
    absent: frozenset[str]
    against: re.Pattern[str]


@cache
def spellings() -> Spellings:
    """Load the header words."""
    data = yaml.safe_load(_SPELLINGS.read_text(encoding="utf-8"))
    roles = {plain(word): role for role, words in data["roles"].items() for word in words}
    signature = sorted((plain(word) for word in data["signature"]["words"]), key=len, reverse=True)
    slot = re.compile("|".join(f"(?:{word})" for word in data["signature"]["slots"]), re.IGNORECASE)
    return Spellings(roles, tuple(signature), slot, frozenset(data["absent"]), re.compile(data["against"]))


def plain(text: str) -> str:
    """Return header text without spaces and punctuation, full-width forms folded, in lower case."""
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text)).lower()


def role_of(text: str) -> str | None:
    """Return the role of a column by its header text: a role of columns.yaml, `signature:<slot>`, or None."""
    bare = plain(text)
    if not bare or len(bare) > _LONGEST_HEADER:
        return None
    words = spellings()
    if bare in words.roles:
        return words.roles[bare]
    slot = signature_slot(text)
    if slot is not None:
        return SIGNATURE + slot
    known = [word for word in words.roles if len(word) > 1 and word in bare]
    return words.roles[max(known, key=len)] if known else None


def signature_slot(text: str) -> str | None:
    """Return the slot a signature column's header names: 上午 of 上午签名, else the header itself.

    None if it is no signature column's header.
    """
    bare = plain(text)
    words = spellings()
    if words.slot.fullmatch(bare):
        return bare
    word = next((word for word in words.signature if word in bare), None)
    if word is None:
        # a word centred over two slots, its characters parted between them
        found = words.slot.search(bare)
        torn = found is not None and set(bare.replace(found.group(), "", 1)) <= _TORN
        return found.group() if found is not None and torn else None
    rest = bare.replace(word, "", 1)
    if words.slot.fullmatch(rest):
        return rest
    before, after = bare.split(word, 1)
    if after.startswith("时间"):
        return None
    # titles end with the word; what follows shines through from the other side, or is of the next column
    return before + word if after else bare


def time_slot(text: str) -> str | None:
    """Return the slot of a column of times at which people signed in (签到 of 签到时间), None if it is another.

    Lists from a scanner have no other sign of who was there.
    """
    bare = plain(text)
    before = bare.removesuffix("时间")
    known = any(word in before for word in spellings().signature)
    return before if before != bare and known else None


def misread_role(text: str) -> str | None:
    """Return the role of a header's column one of whose characters was read as one that looks alike; None if none.

    Only for cells that stand in a row known as a header.
    """
    bare = plain(text)
    words = spellings()
    slots = ("上午", "下午")
    best, role = _ALIKE, None
    for word in (*words.roles, *words.signature, *slots):
        if len(word) != len(bare) or len(word) < 2:  # noqa: PLR2004 - one character alone tells nothing
            continue
        other = [(one, two) for one, two in zip(bare, word, strict=True) if one != two]
        if len(other) == 1 and likeness(*other[0]) > best:
            best = likeness(*other[0])
            role = words.roles.get(word) or SIGNATURE + word
    return role


def names_slot(text: str) -> bool:
    """Return whether a header text is a signature's word with its slot, as 上午签名: one column's title.

    签到 and 签退 side by side are two columns.
    """
    bare, slot = plain(text), signature_slot(text)
    if slot is None or slot == bare or slot in spellings().signature or not spellings().slot.fullmatch(slot):
        return False
    return any(word in bare for word in spellings().signature)


def names_two(text: str) -> bool:
    """Return whether a header text holds the words of more than one column: a rule between them was not found."""
    bare = plain(text)
    words = spellings()
    rest = next((bare.replace(word, "", 1) for word in words.signature if word in bare), bare)
    found = {role for word, role in words.roles.items() if len(word) > 1 and word in rest}
    return len(found) + (rest != bare) > 1 and not words.slot.fullmatch(rest) and bare not in words.signature


def join_slots(parent: str, child: str) -> str:
    """Return the slot of a two-storey header: 上午 under 签名 is 上午; 上午 under 7月1日 is 7月1日上午."""
    upper, lower = signature_slot(parent), signature_slot(child) or plain(child)
    if upper is None or not lower:
        return upper or lower
    if upper == plain(parent) and spellings().slot.fullmatch(upper) and upper != lower:
        return upper + lower if spellings().slot.fullmatch(lower) else upper
    return lower


@dataclass(frozen=True, slots=True)
class Block:
    """One block of columns: role -> grid column (first, end)."""

    columns: tuple[tuple[str, int, int], ...]

    def column(self, role: str) -> tuple[int, int] | None:
        """Return first and end grid column of a role."""
        return next(((first, end) for name, first, end in self.columns if name == role), None)

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles in order."""
        return tuple(name for name, _, _ in self.columns)


def split_blocks(columns: Sequence[tuple[str | None, int, int]]) -> list[Block]:
    """Return the blocks of a header: a sheet may stand in two or three blocks side by side, each with its names.

    Columns are (role or None, first, end). Roles get unique: unknown ones are `other`, repeated ones are numbered.
    """
    names = [index for index, (role, _, _) in enumerate(columns) if role == "name"]
    starts = [0]
    if len(names) > 1:
        lead = columns[0][0]
        for before, name in pairwise(names):
            first = next((i for i in range(name, before, -1) if columns[i][0] == lead and lead is not None), name)
            starts.append(first)
    blocks = []
    for start, end in zip(starts, [*starts[1:], len(columns)], strict=True):
        blocks.append(_block(columns[start:end]))
    return blocks


def _block(columns: Sequence[tuple[str | None, int, int]]) -> Block:
    seen: dict[str, int] = {}
    named = []
    for role, first, end in columns:
        base = role or "other"
        seen[base] = seen.get(base, 0) + 1
        named.append((base if seen[base] == 1 else f"{base}{seen[base]}", first, end))
    return Block(tuple(named))


def is_header(roles: Sequence[str | None]) -> bool:
    """Return whether a row's roles make it a header: a name and another known column, or three known ones."""
    known = {role for role in roles if role is not None}
    return ("name" in known and len(known) > 1) or len(known) > 2  # noqa: PLR2004 - see docstring
