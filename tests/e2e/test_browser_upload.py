"""Uploading by hand on a bad line: folders, many files, requests that break off, and a refusal that is said."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from api.auth import sessions
from core.db import open_engine, session_factory, session_scope
from core.keys import load_keyring
from core.settings import Settings
from core.vocabulary import Role
from tests import factories
from tests.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.ocr]

NewPage = Callable[[], Page]


def signed_in(service: Service, page: Page) -> None:
    """Sign a new uploader of a new school in."""
    settings = Settings(home=service.home)
    engine = open_engine(settings, load_keyring(service.home))
    with session_scope(session_factory(engine)) as session:
        user = factories.user(session, factories.school(session), Role.SCHOOL_UPLOADER)
        token = sessions.open_session(session, settings, user)
    engine.dispose()
    url = f"http://127.0.0.1:{service.port}"
    page.context.add_cookies([{"name": sessions.cookie_name(settings), "value": token, "url": url}])
    page.goto(f"{url}/upload?lang=zh")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of pictures in two folders."""
    root = tmp_path / "材料"
    for number in range(6):
        path = root / ("语文组" if number % 2 else "数学组") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (60, 40), (number * 40, 200, 200)).save(path)
    return root


def test_a_folder_goes_up_file_by_file_over_a_line_that_breaks(
    service: Service, new_page: NewPage, folder: Path, expected_errors: list[str]
) -> None:
    expected_errors.append("ERR_CONNECTION_RESET")
    page = new_page()
    signed_in(service, page)
    broken: list[str] = []

    def break_every_third(route: Route) -> None:
        broken.append(route.request.url)
        if len(broken) % 3 == 1:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/v1/batches/*/files", break_every_third)
    page.locator("#folder").set_input_files(folder)
    expect(page.locator("#list li")).to_have_count(6)
    page.get_by_role("button", name="上传", exact=True).click()
    page.wait_for_url("**/batches/*")

    for number in range(6):
        group = "语文组" if number % 2 else "数学组"
        expect(page.get_by_role("cell", name=f"材料/{group}/{number}.png")).to_have_count(1)
    assert len(broken) > 6


def test_dropped_files_can_be_taken_back_before_they_are_sent(service: Service, new_page: NewPage) -> None:
    page = new_page()
    signed_in(service, page)
    start = page.get_by_role("button", name="上传", exact=True)
    expect(start).to_be_disabled()

    transfer = page.evaluate_handle(
        "() => { const data = new DataTransfer(); data.items.add(new File(['x'], '<b>a</b>.jpg')); return data; }"
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
    expect(page.locator("#list li .name")).to_have_text("<b>a</b>.jpg")
    expect(start).to_be_enabled()
    page.get_by_role("button", name="移除").click()

    expect(page.locator("#list li")).to_have_count(0)
    expect(start).to_be_disabled()


def test_a_refused_upload_says_why(
    service: Service, new_page: NewPage, folder: Path, expected_errors: list[str]
) -> None:
    expected_errors.append("404")
    page = new_page()
    signed_in(service, page)
    page.locator("#files").set_input_files(folder / "数学组" / "0.png")
    page.evaluate("document.querySelector('select[name=school_id]').options[0].value = '999999'")

    page.get_by_role("button", name="上传", exact=True).click()

    expect(page.locator("#summary")).to_have_text("未找到相应内容。")
