"""Traditional forms that the recogniser gives for mainland papers in brush fonts, back to the simplified ones.

On Kai and brush type it reads 凯 as 凱 and 学员 as 學員 at full score. The papers are printed in simplified characters,
so the traditional form is never what stands there, but for the standard characters of names that the table leaves out.
"""

from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("simplified.txt")


def simplified(text: str) -> str:
    """Return a text of the same length in simplified characters."""
    return text.translate(_table())


@cache
def _table() -> dict[int, str]:
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return {ord(pair[0]): pair[1] for pair in pairs}
