"""Numbers as Chinese papers write them: 48, 48.5, 四十八, 一百二十, 一二〇, with look-alike digits. Pure."""

from decimal import Decimal, InvalidOperation

_WRITTEN = ("〇○零OoQ", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
DIGITS = {character: digit for digit, forms in enumerate(_WRITTEN) for character in forms}
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
TENS = {"廿": 20, "卅": 30}
THOUSAND = 3
LOOKALIKES = str.maketrans({"O": "0", "o": "0", "Q": "0", "〇": "0", "○": "0", "l": "1", "I": "1", "|": "1"})


def parse_number(text: str) -> Decimal | None:
    """Return the number that `text` wholly is, or None.

    Takes Arabic digits with a decimal point or thousands comma, and Chinese numerals with units (一百二十) or digit by
    digit (一二〇). Look-alikes of 0 and 1 are read as digits only beside real digits.
    """
    compact = text.strip().replace(" ", "")
    if not compact:
        return None
    if any(c.isascii() and c.isdigit() for c in compact):
        return _arabic(compact)
    return _chinese(compact)


def plain(number: Decimal) -> str:
    """Return a number without exponent and trailing zeros: `36`, `85.5`."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _arabic(text: str) -> Decimal | None:
    digits = text.translate(LOOKALIKES)
    head, comma, tail = digits.partition(",")
    if comma:
        # A comma before exactly three digits parts thousands; anything else is two numbers or a misread point.
        if not (1 <= len(head) <= THOUSAND and len(tail.split(".", maxsplit=1)[0]) == THOUSAND):
            return None
        digits = head + tail
    if not all(c.isascii() and (c.isdigit() or c == ".") for c in digits):
        return None
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None


def _chinese(text: str) -> Decimal | None:
    whole, point, fraction = text.partition("点")
    number = _whole(whole)
    if number is None or (point and not fraction):
        return None
    if not point:
        return Decimal(number)
    if not all(c in DIGITS for c in fraction):
        return None
    return Decimal(f"{number}." + "".join(str(DIGITS[c]) for c in fraction))


def _whole(text: str) -> int | None:
    if not text or not all(c in DIGITS or c in UNITS or c in TENS for c in text):
        return None
    if len(text) > 1 and all(c in DIGITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    total = digit = 0
    for character in text:
        if character in UNITS:
            total += (digit or 1) * UNITS[character]
            digit = 0
        elif character in TENS:
            total += TENS[character]
        else:
            digit = DIGITS[character]
    return total + digit
