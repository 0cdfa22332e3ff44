"""Our frozen dataclasses as JSON and back, for the pipe from the reader child.

The child opens hostile files, so what it sends is data and never code: no pickle. Decoding builds only the types that
the annotations name, and raises ValueError, TypeError or KeyError on anything else.
"""

import base64
import dataclasses
import json
import types
import typing
from collections.abc import Hashable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union

from core.errors import Conflict, Invalid, NotFound, Refused, TooLarge, Unauthenticated, Unavailable, XuefenError

T = TypeVar("T")
_ERRORS = {
    cls.__name__: cls
    for cls in (XuefenError, NotFound, Conflict, Invalid, Refused, Unauthenticated, TooLarge, Unavailable)
}


def to_json(value: object) -> bytes:
    """Write a tree of dataclasses, tuples, dicts, enums, bytes and plain values."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":")).encode()


def from_json(kind: type[T], data: bytes) -> T:
    """Read what to_json wrote as an instance of `kind`."""
    return typing.cast("T", _built(kind, json.loads(data)))


def error_to_plain(error: XuefenError) -> dict[str, Any]:
    """Take an error apart; facts become texts or numbers."""
    facts = {key: value if isinstance(value, int | float | str) else str(value) for key, value in error.facts.items()}
    return {
        "kind": type(error).__name__,
        "code": error.code,
        "message": error.message,
        "page": error.page,
        "facts": facts,
    }


def error_from_plain(plain: Mapping[str, Any]) -> XuefenError:
    """Put an error together again."""
    cls = _ERRORS[str(plain["kind"])]
    page = plain["page"]
    facts = {str(key): value for key, value in dict(plain["facts"]).items()}
    return cls(str(plain["code"]), str(plain["message"]), page=None if page is None else int(page), **facts)


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(type(value).__name__)


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _built(kind: Any, plain: Any) -> Any:
    """Build one value of the annotated type."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is None:
        return _built_class(kind, plain)
    if origin is tuple:
        kinds = [arguments[0]] * len(plain) if arguments[-1] is Ellipsis else arguments
        return tuple(_built(part, item) for part, item in zip(kinds, plain, strict=True))
    if origin is dict:
        return {_built(arguments[0], key): _built(arguments[1], item) for key, item in plain.items()}
    if origin in {Union, types.UnionType}:
        if plain is None and type(None) in arguments:
            return None
        return _built(next(part for part in arguments if part is not type(None)), plain)
    if origin is Literal and plain in arguments:
        return plain
    raise ValueError(str(kind))


def _built_class(kind: Any, plain: Any) -> Any:
    """Build a dataclass, an enum's member, bytes or a plain value."""
    if dataclasses.is_dataclass(kind):
        cls: Any = kind
        hints = _hints(cls)
        return cls(**{name: _built(hints[name], item) for name, item in plain.items()})
    if kind is bytes:
        return base64.b64decode(plain, validate=True)
    if issubclass(kind, Enum):
        return kind(plain)
    if kind is float and isinstance(plain, int | float) and not isinstance(plain, bool):
        return float(plain)
    if kind in {str, int, bool} and type(plain) is kind:
        return plain
    raise TypeError(str(kind))
