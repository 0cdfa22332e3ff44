"""Chinese and English texts from the gettext catalogues in core/locale; the message id is the English sentence."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from core.errors import XuefenError

LANGUAGES = ("zh", "en")
DEFAULT_LANGUAGE = "zh"
LOCALE_DIR = Path(__file__).parent / "locale"


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return message id -> text for one language; English is the ids themselves.

    The .po files are read as they are: nothing is compiled, so an edit shows at the next start.
    """
    if language == "en":
        return {}
    texts: dict[str, str] = {}
    for path in sorted((LOCALE_DIR / language).glob("*.po")):
        with path.open("rb") as stream:
            for message in read_po(stream):
                if message.id and message.string:
                    texts[str(message.id)] = str(message.string)
    return texts


def translator(language: str) -> Callable[[str], str]:
    """Return the function that says a message id in `language` (zh or en)."""
    texts = catalogue(language)
    return lambda message: texts.get(message, message)


def error_text(error: XuefenError, language: str) -> str:
    """Return the error's sentence in one language; file and page stand before it where it does not name them itself."""
    say = translator(language)
    text = say(error.message).format(**error.facts)
    named = []
    if "file" in error.facts and "{file}" not in error.message:
        named.append(str(error.facts["file"]))
    if error.page is not None and "{page}" not in error.message:
        named.append(say("page {page}").format(page=error.page))
    return say("{place}: {text}").format(place=" ".join(named), text=text) if named else text


def error_text_both(error: XuefenError) -> str:
    """Return the sentence in Chinese, then English: for records that outlive the reader's language choice."""
    return " / ".join(error_text(error, language) for language in LANGUAGES)
