"""One family of errors: a stable code, a message id for the catalogues, the fact that failed.

The message is an English sentence with `{named}` places; it is also the message id of the gettext catalogues, so that
`core.i18n` can say it in Chinese. Facts never hold an ID number.
"""

from typing import ClassVar


class XuefenError(Exception):
    """Base of all expected errors.

    `code` is stable and documented; `page` counts from 1 where a page is to blame.
    """

    status: ClassVar[int] = 500

    def __init__(self, code: str, message: str, *, page: int | None = None, **facts: object) -> None:
        """Keep the parts; the text is made when someone reads it, in their language."""
        super().__init__(code)
        self.code = code
        self.message = message
        self.page = page
        self.facts = facts

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by parts, so that an error crosses from the reader child to the worker."""
        return _rebuild, (type(self), self.code, self.message, self.page, self.facts)


def _rebuild(
    cls: type[XuefenError], code: str, message: str, page: int | None, facts: dict[str, object]
) -> XuefenError:
    return cls(code, message, page=page, **facts)


class NotFound(XuefenError):
    """There is no such thing, or it is not for this person to see: the two are not told apart."""

    status = 404


class Conflict(XuefenError):
    """Someone else was first, or the state does not allow it."""

    status = 409


class Invalid(XuefenError):
    """What was handed in is malformed: a file, a field, a pack."""

    status = 422


class Refused(XuefenError):
    """The person is known but may not do this."""

    status = 403


class Unauthenticated(XuefenError):
    """The person is not known: sign in first."""

    status = 401


class TooLarge(XuefenError):
    """A limit on size, pixels, pages or count is passed."""

    status = 413


class Unavailable(XuefenError):
    """A part that we depend on does not answer now; the only error that a job retries."""

    status = 503
