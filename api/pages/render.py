"""Templates: autoescaped, translated, with the labels and formats that pages share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.pages import labels
from core.clock import shown
from core.errors import XuefenError
from core.i18n import LANGUAGES, translator

TEMPLATES = Path(__file__).parent.parent / "templates"
FACT_LABELS = {"role": "role", "state": "entry_state", "field": "field"}
LANGUAGE_SECONDS = 365 * 24 * 3600

environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.filters["moment"] = shown


def speaker(language: str) -> Callable[..., str]:
    """Return the templates' `_`: a sentence in the page's language, its `{named}` places filled in."""
    say = translator(language)

    def speak(message: str, **facts: object) -> str:
        return say(message).format(**facts) if facts else say(message)

    return speak


def labeller(language: str) -> Callable[[str, object], str]:
    """Return the templates' `label(kind, code)`: a stable code in words; an unknown code stands for itself."""
    say = translator(language)

    def label(kind: str, code: object) -> str:
        text = labels.LABELS[kind].get(str(code))
        return say(text) if text else str(code)

    return label


def page(request: Request, template: str, language: str, status: int = 200, **values: Any) -> Response:
    """Return a rendered page; a language asked for in the address is kept in a cookie."""
    body = environment.get_template(template).render(
        _=speaker(language),
        label=labeller(language),
        language=language,
        languages=LANGUAGES,
        here=request.url,
        **({"browser": None, "csrf": "", "notice": None, "trouble": None} | values),
    )
    response = HTMLResponse(body, status)
    if request.query_params.get("lang") == language:
        response.set_cookie("lang", language, max_age=LANGUAGE_SECONDS, samesite="lax", httponly=True)
    return response


def sentence(error: XuefenError, language: str) -> str:
    """Return an error's sentence for people: a role, state or field in it stands in words, not as its code."""
    label = labeller(language)
    facts = {name: label(kind, error.facts[name]) for name, kind in FACT_LABELS.items() if name in error.facts}
    return translator(language)(error.message).format(**(error.facts | facts))


def error_page(request: Request, error: XuefenError, language: str) -> Response:
    """Return an expected error as a page."""
    return page(request, "error.html", language, error.status, text=sentence(error, language), code=error.code)
