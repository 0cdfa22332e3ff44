"""The 18-character citizen identity number (公民身份号码), GB 11643-1999. Pure.

17 digits and a check character: region (6), birth date (8), sequence (3, odd for men), check (0-9 or X).
The number itself never goes into a log, an error or an address: show `masked` only.
"""

from datetime import date

_LENGTH = 18
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_FIRST_YEAR, _LAST_YEAR = 1900, 2099

# GB/T 2260 first two digits; 81-83 are residence permits of Hong Kong, Macao and Taiwan residents.
_PROVINCES = frozenset(
    str(code)
    for area in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(area[0], area[1] + 1)
)
# Permanent residence cards of foreigners (since 2023) begin with 9; the place of application follows.
_FOREIGN_RESIDENT = "9"

_SHOWN = 4


def valid(number: str) -> bool:
    """Return whether `number` has the shape, a known region, a real birth date and the right check character.

    Expects the normal form: 18 ASCII characters, capital X. Nothing is corrected here.
    """
    body, check = number[:-1], number[-1:]
    if len(number) != _LENGTH or not (body.isascii() and body.isdigit()):
        return False
    if body[0] != _FOREIGN_RESIDENT and body[:2] not in _PROVINCES:
        return False
    return _birth_date(number) is not None and check == check_character(body)


def check_character(body: str) -> str:
    """Return the check character of the first 17 digits (ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def birth_date(number: str) -> date | None:
    """Return the birth date a valid number states, else None."""
    return _birth_date(number) if valid(number) else None


def gender(number: str) -> str | None:
    """Return 男 or 女 as a valid number's sequence states, else None."""
    if not valid(number):
        return None
    return "男" if int(number[16]) % 2 else "女"


def masked(number: str) -> str:
    """Return the number as people may see it: first and last four characters, e.g. 4107**********1234.

    What is too short to hide anything that way is hidden whole.
    """
    hidden = len(number) - 2 * _SHOWN
    if hidden < _SHOWN:
        return "*" * len(number)
    return number[:_SHOWN] + "*" * hidden + number[-_SHOWN:]


def _birth_date(number: str) -> date | None:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if _FIRST_YEAR <= born.year <= _LAST_YEAR else None
