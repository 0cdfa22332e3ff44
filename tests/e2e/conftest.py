"""A real Chromium, the service as people start it, and pages that are watched for errors.

XUEFEN_REQUIRE_BROWSER=1 turns a missing Chromium from a skip into a failure; XUEFEN_SCREENSHOTS=FOLDER keeps a picture
of every page, wide and as on a phone.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.service import Service

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a running Chromium, the system's own.

    For one module only: while it runs, Playwright keeps an event loop in this thread, where other tests need their own.
    """
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("XUEFEN_REQUIRE_BROWSER") == "1":
            pytest.fail("Chromium is required (XUEFEN_REQUIRE_BROWSER=1) and was not found")
        pytest.skip("NO BROWSER TEST WAS RUN: Chromium was not found on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Iterator[Service]:
    """Return the whole service, running on a new home folder."""
    home = tmp_path_factory.mktemp("browser") / "home"
    with Service(home, models_dir=models_dir) as running:
        yield running


@pytest.fixture
def expected_errors() -> list[str]:
    """Return a list to which a test adds parts of console messages that belong to what it tries."""
    return []


@pytest.fixture
def new_page(chromium: Browser, expected_errors: list[str]) -> Iterator[Callable[[], Page]]:
    """Return a function that opens a browser of another person; an unexpected console error fails the test."""
    troubles: list[str] = []
    contexts = []

    def heard(message: ConsoleMessage) -> None:
        expected = any(part in message.text for part in expected_errors)
        if message.type in {"error", "warning"} and not expected:
            troubles.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def opened() -> Page:
        context = chromium.new_context(viewport=WIDE, locale="zh-CN")  # type: ignore[arg-type]  # a TypedDict
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: troubles.append(f"page error: {error}"))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Return a function that checks that nothing sticks out of a page, and keeps its picture if asked to."""
    folder = os.environ.get("XUEFEN_SCREENSHOTS")

    def take(page: Page, name: str) -> None:
        for kind, size in (("wide", WIDE), ("phone", PHONE)):
            page.set_viewport_size(size)  # type: ignore[arg-type]  # a TypedDict
            page.wait_for_timeout(150)
            sticks_out = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert sticks_out <= 0, f"{name} is {sticks_out} px too wide as {kind}"
            if folder:
                page.screenshot(path=Path(folder) / f"{name}-{kind}.png", full_page=True)
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # a TypedDict

    return take
