"""Traditional forms that recognisers give for simplified print in old-style fonts, simplified one for one. Pure."""

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@cache
def simple_forms() -> dict[int, str]:
    """Return traditional -> simplified, for `str.translate`.

    traditional.txt holds the pairs of ICU's Traditional-Simplified rules (`uconv -x Traditional-Simplified`) whose left
    side is not in GB 2312: those are right as they stand. Left out are rare name characters, and 媽: recognisers give
    it for 嫣, and simplifying it would hide that.
    """
    text = (HERE / "traditional.txt").read_text(encoding="utf-8")
    return {ord(pair[0]): pair[1] for pair in text.split()}


def simplified(text: str) -> str:
    """Return text with traditional forms simplified, one character for one."""
    return text.translate(simple_forms())
