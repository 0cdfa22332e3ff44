"""Counts of what was wanted, given and right, and small questions to the truth that group them. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Line = dict[str, Any]

WEAR_KINDS = frozenset({"clean", "normal", "hard"})
UNDECIDED = frozenset({"none", "similar", "ambiguous"})
# GB 2312 keeps its 3,755 most used characters in rows 16 to 55; names know these others well enough too.
_LEVEL_ONE = range(0xB0, 0xD8)
_COMMON_IN_NAMES = frozenset(
    "婷琳瑶璐妍倩雯昊睿祺皓煜炜钰鑫淼琪怡岚琼玮珺晗瑜璇蕾茜莹莉萱楠娅媛嫣婕婧婵嫦娴彤烨焱熠煊晖昱旻晟暄曦琰瑾璟璞瑄琦琨珏珂玥玮瑛璨璋骏鹏麒骥"
    "馨蓓蕊菁芸芷荟莎菡蔚薇蕙翊翌翎炫烁焕琛桦梓楷榕槿枫杉栩桢榛宸峥嵘嵩岑屹岱沁沅泓泠洵浚涓淇渝湘滢漪澜濛瀚灏祎祺禹稷筱箐彦彧钊钧铭锴锵闫邹郗阎"
    "覃佟佘侗俐俪偲傅仝仡亓缪臧蔺裴褚谌谭邱邬邵郜郝隋雒鞠韶龚闵闫阚娟娜"
)


@dataclass(slots=True)
class Tally:
    """How often a value was wanted, given, and right. What is given and not wanted at all costs precision."""

    wanted: int = 0
    given: int = 0
    right: int = 0

    def add(self, wanted: str | None, given: str | None) -> None:
        """Count one comparison; None stands for no value."""
        self.wanted += wanted is not None
        self.given += given is not None
        self.right += wanted is not None and wanted == given

    def as_row(self) -> dict[str, float | int]:
        """Return counts with precision, recall (the exact-match rate of what is printed) and F1."""
        both = self.wanted + self.given
        return {
            "wanted": self.wanted,
            "given": self.given,
            "right": self.right,
            "precision": round(self.right / self.given, 4) if self.given else 1.0,
            "recall": round(self.right / self.wanted, 4) if self.wanted else 1.0,
            "f1": round(2 * self.right / both, 4) if both else 1.0,
        }


def is_rare(name: str) -> bool:
    """Return whether a name holds a character outside GB 2312's first level that is not common in names either."""
    return any(_is_han(c) and not _is_common(c) for c in name)


def _is_han(character: str) -> bool:
    return character >= "\u3400"


def _is_common(character: str) -> bool:
    if character in _COMMON_IN_NAMES:
        return True
    try:
        return character.encode("gb2312")[0] in _LEVEL_ONE
    except UnicodeEncodeError:
        return False


def is_handwritten(truth: Line) -> bool:
    """Return whether a sheet's names are written by hand, as its truth tells."""
    told = truth.get("handwritten")
    return bool(told) if told is not None else "hand" in f"{truth['layout']} {truth['font']}".lower()


def wear_kind(truth: Line) -> str:
    """Return clean, normal or hard where the truth tells, else by how much was done to the page."""
    told = [name for name in truth["wear"] if name in WEAR_KINDS]
    if told:
        return str(told[-1])
    return "clean" if not truth["wear"] else "normal" if len(truth["wear"]) < 4 else "hard"


def decided(match: str) -> bool:
    """Return whether a match names one person for sure."""
    return match not in UNDECIDED


def row_facts(row: Line) -> tuple[str, tuple[str, ...], bool]:
    """Return what counts of a row: the name, the signed slots, whether it is struck out."""
    return row["name"], tuple(row["signed"]), row["struck"]


def paired_rows(wanted: Sequence[Line], given: Sequence[Line]) -> list[tuple[Line | None, Line | None]]:
    """Pair the rows of truth and reading by ordinal and name; None stands beside a row that the other side lacks."""
    left = list(given)
    pairs: list[tuple[Line | None, Line | None]] = []
    tests: tuple[Callable[[Line, Line], bool], ...] = (
        lambda w, g: bool(w["ordinal"] == g["ordinal"]) and row_facts(w) == row_facts(g),
        lambda w, g: row_facts(w) == row_facts(g),
        lambda w, g: bool(w["name"] == g["name"]),
        lambda w, g: bool(w["ordinal"] == g["ordinal"]),
    )
    rest = list(wanted)
    for test in tests:
        for want in list(rest):
            found = next((row for row in left if test(want, row)), None)
            if found is not None:
                rest.remove(want)
                left.remove(found)
                pairs.append((want, found))
    return [*pairs, *((want, None) for want in rest), *((None, row) for row in left)]


def right_row(wanted: Line, given: Line) -> bool:
    """Return whether a row is right with the roster's help: the marks, and the name or the teacher it was tied to."""
    known = wanted["employee_no"] is not None and wanted["employee_no"] == given["employee_no"]
    same = wanted["name"] == given["name"] or (known and decided(given["match"]))
    return bool(same and row_facts(wanted)[1:] == row_facts(given)[1:])
