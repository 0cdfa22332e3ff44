"""Names of ZIP members: decoded from whatever a Chinese desktop wrote, and judged before anyone shows them. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

from intake.zipdirectory import ZipEntry

_FIRST_HIGH = 0x80
_JUNK_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_JUNK_FOLDERS = frozenset({"__macosx", ".trashes", ".spotlight-v100", "$recycle.bin"})
_DRIVE = re.compile(r"[A-Za-z]:")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_ELLIPSIS = "…"


def decode_names(entries: Sequence[ZipEntry]) -> list[str]:
    """Return the entries' names, with `/` between folders, in composed form (NFC).

    A name is UTF-8 if its flag says so, else what a Unicode Path field (0x7075) says. The others carry no encoding:
    Chinese Windows writes GBK, macOS writes UTF-8 without the flag, DOS tools CP437. One packer wrote them all, so they
    are judged together: a single short name can be valid in two encodings, a whole list hardly ever is.
    """
    unmarked = [entry.raw_name for entry in entries if _marked_name(entry) is None]
    encoding = _guess(unmarked)
    names = (_marked_name(entry) or entry.raw_name.decode(encoding, errors="replace") for entry in entries)
    return [unicodedata.normalize("NFC", name).replace("\\", "/") for name in names]


def _marked_name(entry: ZipEntry) -> str | None:
    if entry.utf8:
        try:
            return entry.raw_name.decode("utf-8")
        except UnicodeDecodeError:
            return entry.unicode_name
    return entry.unicode_name


def _guess(names: Sequence[bytes]) -> str:
    """Return the one encoding of names that carry none."""
    sample = b"\n".join(name for name in names if not name.isascii())
    if not sample:
        return "utf-8"
    if _decodes(sample, "utf-8") and (_has_hanzi(sample.decode("utf-8")) or not _like_gbk(sample)):
        return "utf-8"
    return "gb18030" if _like_gbk(sample) else "cp437"


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _has_hanzi(text: str) -> bool:
    return any("\u3400" <= character <= "\u9fff" for character in text)


def _like_gbk(sample: bytes) -> bool:
    """Return whether most characters beyond ASCII are Hanzi whose second byte is high too, as all of GB 2312's are.

    A Western letter in CP437 is followed by an ASCII letter mostly, and the pair reads as a rare Hanzi in GBK.
    """
    try:
        text = sample.decode("gb18030")
    except UnicodeDecodeError:
        return False
    beyond = [character for character in text if not character.isascii()]
    sound = [
        character for character in beyond if _has_hanzi(character) and character.encode("gb18030")[1] >= _FIRST_HIGH
    ]
    return 2 * len(sound) >= len(beyond) and bool(sound)


def is_junk(name: str) -> bool:
    """Return whether a member is what operating systems leave behind: no one means to hand it in."""
    parts = [part.lower() for part in PurePosixPath(name).parts]
    return bool(parts) and (
        parts[-1] in _JUNK_NAMES or parts[-1].startswith("._") or any(part in _JUNK_FOLDERS for part in parts)
    )


def is_unsafe(name: str) -> bool:
    """Return whether a name leads out of its archive or hides what it is: absolute, `..`, control characters."""
    return (
        not name.strip()
        or name.startswith("/")
        or _DRIVE.match(name) is not None
        or ".." in name.split("/")
        or shown_name(name) != name
    )


def shown_name(name: str, most: int | None = None) -> str:
    """Return a name that is safe to show: control and direction characters replaced, at most `most` characters."""
    clean = "".join(_REPLACEMENT if _is_hidden(character) else character for character in name)
    if most is not None and len(clean) > most:
        return clean[: most - 1] + _ELLIPSIS
    return clean


def _is_hidden(character: str) -> bool:
    # Cc control, Cf format (writing direction among them), Cs lone surrogates, Zl and Zp line and paragraph ends.
    # Joiners (U+200B to U+200D) are Cf too but only part of how some names are written.
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and not "\u200b" <= character <= "\u200d"
