"""`xuefen demo`: a demo city with people, rosters and a bulk upload of the bundled documents, then as `xuefen up`."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from openpyxl import load_workbook
from rich.console import Console
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth import keys, links, organisations, people
from api.auth.keys import Scope
from api.ports import Ports, open_ports
from cli.up import run_service
from core.access import HeldRole, Viewer
from core.db import migrate, session_scope
from core.logs import configure_logs
from core.models import Organisation, User
from core.settings import Settings
from core.vocabulary import Level, Role, UploadKind
from intake.roster_service import import_roster
from intake.service import add_files, create_batch, store_files

FIXTURES = Path(__file__).parents[1] / "fixtures"
SAMPLES = FIXTURES / "samples"
ROSTER = FIXTURES / "roster.xlsx"
CITY = "云州市教育局"
COUNTIES = {"云溪县教育体育局": "云溪县", "江岭区教育局": "江岭区"}
PEOPLE = (
    ("admin", "演示管理员", Role.ADMINISTRATOR, Level.CITY),
    ("uploader", "演示上传员", Role.SCHOOL_UPLOADER, Level.CITY),
    ("school", "演示学校审核员", Role.SCHOOL_REVIEWER, Level.SCHOOL),
    ("county", "演示县区审核员", Role.COUNTY_REVIEWER, Level.COUNTY),
    ("city", "演示市级审核员", Role.CITY_REVIEWER, Level.CITY),
    ("auditor", "演示审计员", Role.AUDITOR, Level.CITY),
)

console = Console()


def demo(
    home: Annotated[Path, typer.Option(help="演示数据的文件夹 / Folder of the demo's data.")] = Path("var/demo"),
) -> None:
    """启动演示城市 / Start the service with a demo city.

    例 / Example:  xuefen demo --home /tmp/demo
    """
    configure_logs(json_lines=False)
    settings = Settings(home=home)
    migrate(settings)
    ports = open_ports(settings)
    try:
        with session_scope(ports.maker) as session:
            if organisations.root(session) is None:
                _seed(session, ports)
            rows = _links(session, settings)
    finally:
        ports.close()
    _show(rows)
    run_service(settings)


def _seed(session: Session, ports: Ports) -> None:
    """Make the tree, one person for each role, the rosters, and two uploads: own evidence and organisers' registers."""
    city = organisations.add(session, parent=None, level=Level.CITY, name=CITY)
    counties = {
        short: organisations.add(session, parent=city, level=Level.COUNTY, name=name)
        for name, short in COUNTIES.items()
    }
    schools = [
        organisations.add(session, parent=counties[short], level=Level.SCHOOL, name=name) for short, name in _schools()
    ]
    places = {Level.CITY: city, Level.COUNTY: counties["云溪县"], Level.SCHOOL: schools[0]}
    for username, display_name, role, level in PEOPLE:
        user = people.new_user(session, username=username, display_name=display_name)
        people.grant(session, user, places[level], role)
    uploader = _viewer(session, "uploader")
    for school in schools:
        import_roster(session, ports.keyring, uploader, school_id=school.id, path=ROSTER)
    _, key = keys.create(session, city, name="演示学分台账", scopes=frozenset({Scope.LEDGER_READ}), created_by=None)
    console.print(f"学分台账 API 密钥 / API key for the ledger:\n    {key}", markup=False, soft_wrap=True)
    for kind in UploadKind:
        _upload(session, ports, uploader, city, kind)


def _schools() -> Iterator[tuple[str, str]]:
    """Yield (county, school) of the bundled roster: the county is the beginning of the school's name."""
    sheet = load_workbook(ROSTER, read_only=True).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    column = next(row.index("学校") for row in rows if "学校" in row)
    names = sorted({str(row[column]) for row in rows if row[column] and row[column] != "学校"})
    for name in names:
        for short in COUNTIES.values():
            if name.startswith(short):
                yield short, name


def _viewer(session: Session, username: str) -> Viewer:
    user = session.scalars(select(User).filter_by(username=username)).one()
    held = tuple(HeldRole(Role(g.role), g.organisation_id, g.organisation.path) for g in user.grants)
    return Viewer(user.id, user.display_name, held)


def _upload(session: Session, ports: Ports, viewer: Viewer, city: Organisation, kind: UploadKind) -> None:
    with (SAMPLES / "manifest.csv").open(encoding="utf-8-sig", newline="") as stream:
        names = [row["file"] for row in csv.DictReader(stream) if row["upload_kind"] == kind]
    settings = ports.settings
    batch, _ = create_batch(
        session,
        viewer,
        school_id=city.id,
        upload_kind=kind,
        policy_id=settings.policy,
        idempotency_key=None,
    )
    stored = store_files(ports.intake, [(name, SAMPLES / name) for name in names])
    # The queue is not up yet: the reconciler rings for what waits once it is.
    add_files(session, lambda _: None, batch, stored)


def _links(session: Session, settings: Settings) -> list[tuple[str, str, str]]:
    rows = []
    for username, display_name, role, _ in PEOPLE:
        user = session.scalars(select(User).filter_by(username=username)).one()
        rows.append((display_name, role.value, links.user_link(session, settings, user, "sign_in")))
    return rows


def _show(rows: list[tuple[str, str, str]]) -> None:
    console.print("\n一次性登录链接 / One-time sign-in links:")
    for display_name, role, link in rows:
        console.print(f"  {display_name}（{role}）", markup=False)
        console.print(f"    {link}", markup=False, soft_wrap=True)
