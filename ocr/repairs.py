"""Which repairs of a page and second looks are made: all of them, unless their worth is being measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Repairs:
    """Switches of the steps between a page as it lies in a file and its text; `benchmarks/repairs.py` measures each.

    `cut_out`: a page photographed askew is cut out of its picture. `level_light`: slow changes of light are divided
    out. `invert_dark`: light text on dark ground is inverted. `turn`: pages on their side or head are turned.
    `deskew`: small angles are undone. `under_seals`: lines that seals hide are looked for in print alone and read
    without red ink. `gaps`: lines are looked for again where ink is left over. `zeros`: a ring (〇) that the recogniser
    dropped is put back. `crowded`: narrow long numbers are read again, stretched. `unsure`: lines read unsurely are
    read again, calmed. `marks`: large slanting words that say a paper is a specimen or void are looked for.
    """

    cut_out: bool = True
    level_light: bool = True
    invert_dark: bool = True
    turn: bool = True
    deskew: bool = True
    under_seals: bool = True
    gaps: bool = True
    zeros: bool = True
    crowded: bool = True
    unsure: bool = True
    marks: bool = True


ALL_REPAIRS = Repairs()
