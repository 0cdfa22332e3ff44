"""A small city behind the real application: two schools in two counties, people of every role, one entry each."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image
from redis import Redis
from sqlalchemy.orm import Session, sessionmaker

from api.app import create_app
from api.auth import sessions
from core import idnumber
from core.db import session_scope
from core.keys import Keyring
from core.models import CandidateEntry, Organisation, User
from core.settings import Settings
from core.storage import Storage
from core.vocabulary import DocType, FieldName, Role
from ocr.engine import Engine
from ocr.models import model_paths
from ocr.types import Box, DocumentReading, FieldValue, FileReading, PageImage
from tests import factories
from verification.service import store_images, store_reading

ID_BODY = "41070219850302123"
ID_NUMBER = ID_BODY + idnumber.check_character(ID_BODY)
ID_BOX = Box(0.2, 0.4, 0.6, 0.45)
PASSWORD = "一句很长的话 as a password"  # noqa: S105 - an invented one
FORM_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class SchoolWorld:
    """A school with its people (ids), and the public ids of one read upload."""

    organisation_id: int
    name: str
    path: str
    people: dict[Role, int]
    teacher_id: int
    batch_id: str
    file_id: str
    document_id: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class World:
    """The application and what lives in it."""

    app: FastAPI
    settings: Settings
    maker: sessionmaker[Session]
    city_id: int
    city_people: dict[Role, int]
    ours: SchoolWorld
    theirs: SchoolWorld

    def stranger(self) -> TestClient:
        """Return a browser that is not signed in."""
        return TestClient(self.app, base_url=self.settings.base_url, follow_redirects=False)

    def person(self, user_id: int) -> TestClient:
        """Return a browser in which a person is signed in; it sends the CSRF token along."""
        with session_scope(self.maker) as session:
            token = sessions.open_session(session, self.settings, session.get_one(User, user_id))
            signed_in = sessions.find(session, token)
        assert signed_in is not None
        client = self.stranger()
        client.cookies.set(sessions.cookie_name(self.settings), token)
        client.headers["X-CSRF-Token"] = signed_in.csrf_token
        return client

    def ours_as(self, role: Role) -> TestClient:
        """Return a browser of one of our people."""
        return self.person(self.ours.people[role])

    def city_as(self, role: Role) -> TestClient:
        """Return a browser of one of the city's people."""
        return self.person(self.city_people[role])


@pytest.fixture(scope="session")
def recogniser(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Return the reader's models, loaded once for all tests that read pages in this process."""
    return Engine(model_paths(models_dir), tmp_path_factory.mktemp("scratch"))


@pytest.fixture
def api_settings(settings: Settings, valkey_home: Path, redis: Redis) -> Settings:
    """Return the test's settings on the running Valkey."""
    del redis
    socket = (valkey_home / "valkey" / "socket").read_text()
    return settings.model_copy(update={"redis_url": f"unix://{socket}"})


@pytest.fixture
def app(api_settings: Settings) -> Iterator[FastAPI]:
    """Return the real application, started."""
    made = create_app(api_settings)
    with TestClient(made):
        yield made


@pytest.fixture
def world(
    app: FastAPI, api_settings: Settings, maker: sessionmaker[Session], storage: Storage, keyring: Keyring
) -> World:
    """Return the city."""
    with session_scope(maker) as session:
        city = factories.city(session, "云州市教育局")
        roles = (Role.ADMINISTRATOR, Role.AUDITOR, Role.CITY_REVIEWER)
        people = {role: factories.user(session, city, role).id for role in roles}
        ours = _school(session, storage, keyring, city, "云溪县第一中学", "张伟")
        theirs = _school(session, storage, keyring, city, "江岭区实验小学", "李娜")
        city_id = city.id
    return World(app, api_settings, maker, city_id, people, ours, theirs)


def _school(
    session: Session, storage: Storage, keyring: Keyring, city: Organisation, name: str, teacher_name: str
) -> SchoolWorld:
    county = factories.county(session, city)
    school = factories.school(session, county, name)
    people = {
        role: factories.user(session, at, role).id
        for role, at in (
            (Role.SCHOOL_UPLOADER, school),
            (Role.SCHOOL_REVIEWER, school),
            (Role.COUNTY_REVIEWER, county),
            (Role.ADMINISTRATOR, county),
        )
    }
    teacher = factories.teacher(session, school, teacher_name)
    batch = factories.batch(session, school, session.get_one(User, people[Role.SCHOOL_UPLOADER]))
    file = factories.file(session, storage, batch)
    reading = course_reading(teacher_name, f"CERT{teacher.id:06}")
    store_reading(session, keyring, file, reading, store_images(storage, reading))
    session.flush()
    entry = session.query(CandidateEntry).filter_by(school_id=school.id).one()
    return SchoolWorld(
        organisation_id=school.id,
        name=name,
        path=school.path,
        people=people,
        teacher_id=teacher.id,
        batch_id=batch.public_id,
        file_id=file.public_id,
        document_id=entry.document.public_id,
        entry_id=entry.public_id,
    )


def course_reading(holder: str, number: str) -> FileReading:
    """Return the reading of a MOOC certificate that the rules approve; an ID number stands on it as well."""
    values = {
        FieldName.HOLDER_NAME: holder,
        FieldName.PLATFORM: "中国大学MOOC",
        FieldName.TITLE: "现代教育技术",
        FieldName.ISSUER: "云州师范学院",
        FieldName.HOURS: "36",
        FieldName.HOURS_UNIT: "学时",
        FieldName.SCORE: "85",
        FieldName.REAL_NAMED: "true",
        FieldName.ISSUE_DATE: "2019-07-01",
        FieldName.CERTIFICATE_NO: number,
    }
    fields = {
        name: FieldValue(value, 0.99, 1, Box(0.1, 0.1, 0.3, 0.15), "ocr", value) for name, value in values.items()
    }
    fields[FieldName.ID_NUMBER] = FieldValue(ID_NUMBER, 0.99, 1, ID_BOX, "ocr", ID_NUMBER)
    out = io.BytesIO()
    Image.new("RGB", (200, 100), "white").save(out, "JPEG")
    document = DocumentReading((1,), DocType.MOOC_CERTIFICATE, 0.99, fields)
    return FileReading((document,), (PageImage(1, 200, 100, out.getvalue()),))


@pytest.fixture
def form_token() -> Callable[[str], str]:
    """Return a function that takes a page and returns the token its forms carry."""

    def token(page: str) -> str:
        found = FORM_TOKEN.search(page)
        assert found, "the page has no form"
        return found[1]

    return token
