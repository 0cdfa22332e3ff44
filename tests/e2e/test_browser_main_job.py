"""The main job as people do it: set up by link, upload a ZIP, correct, approve three times, fetch by API key."""

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.service import Service, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.ocr, pytest.mark.timeout(900)]

FIXTURES = Path(__file__).parents[2] / "fixtures"
SAMPLES = FIXTURES / "samples"
PASSWORD = "一句不短的话 for everyone"  # noqa: S105 - invented for this test
READ_MILLISECONDS = 240_000
BESIDE = ("mooc_*.jpg", "training_*.jpg", "sheet_*.jpg")

NewPage = Callable[[], Page]
Picture = Callable[[Page, str], None]


def approvable() -> tuple[Path, dict[str, object]]:
    """Return a clean fixture that the rules approve, with the truth of its one document."""
    for truth_path in sorted((SAMPLES / "truth").glob("mooc_*.json")):
        truth = json.loads(truth_path.read_text())
        document = truth["documents"][0]
        clean = truth["channel"] == "scan" and "clean" in truth["wear"] and truth["upload_kind"] == "individual"
        if clean and len(truth["documents"]) == 1 and document["recommendation"] == "approve":
            return SAMPLES / truth["file"], document
    raise AssertionError("no fixture fits")


def school_of(employee_no: object) -> str:
    book = load_workbook(FIXTURES / "roster.xlsx", read_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    book.close()
    number, school = rows[0].index("工号"), rows[0].index("学校")
    return next(str(row[school]) for row in rows if row[number] == employee_no)


def packed(folder: Path, main: Path) -> Path:
    """Return a ZIP of the main document, a few others, an empty file and a text that calls itself a picture."""
    others = [next(path for path in sorted(SAMPLES.glob(pattern)) if path != main) for pattern in BESIDE]
    path = folder / "材料.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in (main, *others):
            archive.write(file, f"语文组/{file.name}")
        archive.writestr("语文组/空.jpg", b"")
        archive.writestr("语文组/说明.jpg", "这是一段文字。".encode())
    return path


def set_up(service: Service, page: Page, picture: Picture) -> None:
    """Make the city and its administrator through the link that the first start prints."""
    wait_until(lambda: "/link/" in service.said, 30, "the link is printed")
    found = re.search(r"http://\S+/link/\S+", service.said)
    assert found
    page.goto(f"{found[0]}?lang=zh")
    picture(page, "link-first-admin")
    page.get_by_label("最上级的市级教育部门").fill("云州市教育局")
    page.get_by_label("您的姓名").fill("周管理")
    page.get_by_label("用户名").fill("admin")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("再次输入密码").fill(PASSWORD)
    page.get_by_role("button", name="创建账号并登录").click()
    expect(page.get_by_role("heading", name="周管理，您好")).to_be_visible()
    picture(page, "home-new")


def make_tree(page: Page, school: str, picture: Picture) -> None:
    page.get_by_role("link", name="机构", exact=True).click()
    for above, level, name in (("云州市教育局", "县区", "云溪县教育体育局"), ("云溪县教育体育局", "学校", school)):
        page.get_by_label("上级机构").select_option(label=above)
        page.get_by_label("层级").select_option(label=level)
        page.get_by_label("全称").fill(name)
        page.get_by_role("button", name="添加").click()
        expect(page.get_by_role("status")).to_contain_text("已保存")
    picture(page, "organisations")


def import_roster(page: Page, school: str, picture: Picture) -> None:
    page.get_by_role("link", name="教师花名册").click()
    page.get_by_label("学校").select_option(label=school)
    page.get_by_label("电子表格（XLSX 或 CSV）").set_input_files(FIXTURES / "roster.xlsx")
    page.get_by_role("button", name="导入").click()
    expect(page.get_by_role("status")).to_contain_text("新增教师")
    picture(page, "roster-report")


def add_person(page: Page, new_page: NewPage, name: str, username: str, role: str, at: str) -> Page:
    """Add a person as administrator, and return the browser in which that person set a password and signed in."""
    page.get_by_role("link", name="人员").click()
    form = page.locator("form", has=page.get_by_role("heading", name="添加人员"))
    form.get_by_label("姓名").fill(name)
    form.get_by_label("用户名").fill(username)
    form.get_by_label("角色").select_option(label=role)
    form.get_by_label("所在机构").select_option(label=at)
    form.get_by_role("button", name="添加并显示一次性链接").click()
    link = page.get_by_label("一次性链接").input_value()
    theirs = new_page()
    theirs.goto(f"{link}?lang=zh")
    theirs.get_by_label("密码", exact=True).fill(PASSWORD)
    theirs.get_by_label("再次输入密码").fill(PASSWORD)
    theirs.get_by_role("button", name="设置密码").click()
    theirs.get_by_label("用户名").fill(username)
    theirs.get_by_label("密码").fill(PASSWORD)
    theirs.get_by_role("button", name="登录").click()
    expect(theirs.get_by_role("heading", name=f"{name}，您好")).to_be_visible()
    return theirs


def upload(page: Page, archive: Path, picture: Picture) -> None:
    page.get_by_role("link", name="上传", exact=True).click()
    page.locator("#files").set_input_files(archive)
    expect(page.locator("#summary")).to_contain_text("1 个文件")
    picture(page, "upload")
    page.get_by_role("button", name="上传", exact=True).click()
    page.wait_for_url(re.compile(r"/batches/\w+"))
    picture(page, "batch-reading")
    expect(page.locator("[data-waiting='0']")).to_be_visible(timeout=READ_MILLISECONDS)
    expect(page.get_by_role("row", name=re.compile("空.jpg"))).to_contain_text("未受理")
    expect(page.get_by_role("row", name=re.compile("说明.jpg"))).to_contain_text("未受理")
    picture(page, "batch")


def open_entry(page: Page, title: str) -> None:
    page.get_by_role("link", name="审核", exact=True).click()
    page.get_by_role("row", name=re.compile(re.escape(title))).get_by_role("link").click()
    expect(page.get_by_role("heading", name="规则核验")).to_be_visible()


def in_english(page: Page, picture: Picture) -> None:
    """Look at the open entry, the queue and the first page in English, and come back to the entry in Chinese."""
    entry = page.url
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="What the rules say")).to_be_visible()
    picture(page, "entry-english")
    for path, name in (("review", "queue-english"), ("", "home-english"), ("batches", "batches-english")):
        page.goto(f"{entry.split('/review')[0]}/{path}")
        picture(page, name)
    page.goto(f"{entry.split('?')[0]}?lang=zh")


def correct(page: Page, title: str) -> None:
    """Select a field, see its box on the scan light up, change its value and save."""
    field = page.get_by_label("课程／项目", exact=True)
    field.click()
    expect(page.locator("svg .box.on")).to_have_count(1)
    assert page.locator(".page img").first.evaluate("image => image.naturalWidth") > 0
    page.get_by_role("button", name="放大").click()
    field.fill(title)
    page.get_by_role("button", name="保存更正").click()
    expect(page.get_by_role("status")).to_contain_text("已保存，并已重新核验")
    expect(field).to_have_value(title)


def approve(page: Page) -> None:
    page.get_by_role("button", name="通过", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已通过")


def make_key(page: Page, picture: Picture) -> str:
    page.get_by_role("link", name="接口密钥").click()
    page.get_by_label("用途").fill("学分台账")
    page.get_by_role("button", name="生成密钥").click()
    key = page.get_by_label("新密钥").input_value()
    picture(page, "keys")
    return key


def feed(service: Service, key: str) -> list[dict[str, object]]:
    answer = httpx.get(
        f"http://127.0.0.1:{service.port}/api/v1/ledger/entries", headers={"Authorization": f"Bearer {key}"}
    )
    entries: list[dict[str, object]] = answer.raise_for_status().json()["entries"]
    return entries


def test_from_the_first_link_to_the_ledger(
    service: Service, new_page: NewPage, picture: Picture, tmp_path: Path
) -> None:
    main, document = approvable()
    school = school_of(document["teacher"])
    fields = document["fields"]
    assert isinstance(fields, dict)
    better = f"{fields['title']}（更正）"
    admin = new_page()
    set_up(service, admin, picture)
    make_tree(admin, school, picture)
    import_roster(admin, school, picture)
    people = {
        name: add_person(admin, new_page, name, username, role, at)
        for name, username, role, at in (
            ("钱上传", "uploader", "上传员", school),
            ("孙校审", "school", "学校审核员", school),
            ("李县审", "county", "县区审核员", "云溪县教育体育局"),
            ("王市审", "city", "市级审核员", "云州市教育局"),
        )
    }
    picture(admin, "people")

    upload(people["钱上传"], packed(tmp_path, main), picture)
    picture(people["钱上传"], "batch-done")
    reviewer = people["孙校审"]
    reviewer.goto(f"http://127.0.0.1:{service.port}/")
    picture(reviewer, "home-reviewer")
    reviewer.get_by_role("link", name="审核", exact=True).click()
    picture(reviewer, "queue")
    open_entry(reviewer, str(fields["title"]))
    picture(reviewer, "entry")
    in_english(reviewer, picture)
    correct(reviewer, better)
    picture(reviewer, "entry-corrected")
    approve(reviewer)
    for name in ("李县审", "王市审"):
        open_entry(people[name], better)
        approve(people[name])

    key = make_key(admin, picture)
    wait_until(lambda: len(feed(service, key)) == 1, 30, "the entry is in the feed")
    (entry,) = feed(service, key)
    assert entry["payload"]["title"] == better  # type: ignore[index]  # JSON
    assert entry["payload"]["teacher"]["employee_no"] == document["teacher"]  # type: ignore[index]  # JSON
    admin.get_by_role("link", name="学分台账").click()
    expect(admin.get_by_role("row", name=re.compile(re.escape(better)))).to_be_visible()
    picture(admin, "ledger")
    admin.get_by_role("link", name="English").click()
    expect(admin.get_by_role("heading", name="Approved entries")).to_be_visible()
    picture(admin, "ledger-english")


def test_a_stranger_sees_the_sign_in_page_in_both_languages(
    service: Service, new_page: NewPage, picture: Picture
) -> None:
    page = new_page()
    page.goto(f"http://127.0.0.1:{service.port}/review?lang=zh")
    page.goto(f"http://127.0.0.1:{service.port}/sign-in?lang=zh")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    picture(page, "sign-in")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_api_description_shows_without_another_host(service: Service, new_page: NewPage) -> None:
    page = new_page()
    hosts = set()
    page.on("request", lambda request: hosts.add(httpx.URL(request.url).host))
    page.goto(f"http://127.0.0.1:{service.port}/docs")

    expect(page.locator(".swagger-ui .opblock").first).to_be_visible()
    assert hosts == {"127.0.0.1"}
