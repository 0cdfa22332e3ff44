"""Uploads over HTTP: streamed to disk, limited, repeatable, and served back without teeth."""

import asyncio
import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import select

from api import receive
from core.db import session_scope
from core.models import AuditEvent, Batch, SourceFile
from core.settings import MIB
from core.vocabulary import Role
from tests.integration.conftest import ID_BOX, ID_NUMBER, World

BOUNDARY = "xuefen-boundary"
END = f"--{BOUNDARY}--\r\n".encode()


def picture(shade: int = 200) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (80, 60), (shade, shade, shade)).save(out, "JPEG")
    return out.getvalue()


def fields_for(world: World) -> dict[str, str]:
    return {"school_id": str(world.ours.organisation_id), "upload_kind": "individual"}


def test_good_files_go_on_beside_refused_ones(world: World) -> None:
    uploader = world.ours_as(Role.SCHOOL_UPLOADER)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("张三/证书.jpg", picture(10))
    files = [
        ("files", ("a.jpg", picture(1), "image/jpeg")),
        ("files", ("empty.jpg", b"", "image/jpeg")),
        ("files", ("notes.jpg", b"just text", "image/jpeg")),
        ("files", ("again.jpg", picture(1), "image/jpeg")),
        ("files", ("all.zip", archive.getvalue(), "application/zip")),
    ]

    answer = uploader.post("/api/v1/batches", data=fields_for(world), files=files)

    body = answer.json()
    assert answer.status_code == 201
    assert [(i["name"], i["outcome"]) for i in body["items"]] == [
        ("a.jpg", "accepted"),
        ("empty.jpg", "refused"),
        ("notes.jpg", "refused"),
        ("again.jpg", "duplicate"),
        ("all.zip!/张三/证书.jpg", "accepted"),
    ]
    refused = body["items"][1]["error"]
    assert set(refused["messages"]) == {"zh", "en"}
    assert body["counts"] == {"all": 5, "refused": 2, "duplicate": 1, "waiting": 2, "done": 0, "failed": 0}
    assert len(world.app.state.ports.doorbell._queue) >= 2
    assert not list(world.app.state.ports.scratch.iterdir())


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
def test_the_same_idempotency_key_is_the_same_upload(world: World) -> None:
    uploader = world.ours_as(Role.SCHOOL_UPLOADER)
    headers = {"Idempotency-Key": "one-and-the-same"}
    files = {"files": ("a.jpg", picture(2), "image/jpeg")}

    first = uploader.post("/api/v1/batches", data=fields_for(world), files=files, headers=headers)
    second = uploader.post("/api/v1/batches", data=fields_for(world), files=files, headers=headers)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert len(second.json()["items"]) == 1


def test_more_files_go_into_ones_own_upload_only(world: World) -> None:
    uploader = world.ours_as(Role.SCHOOL_UPLOADER)
    batch = uploader.post("/api/v1/batches", data=fields_for(world), files={"x": ("a.jpg", picture(3))}).json()["id"]

    more = uploader.post(f"/api/v1/batches/{batch}/files", files={"files": ("b.jpg", picture(4))})
    admin = world.ours_as(Role.ADMINISTRATOR)
    other = admin.post(f"/api/v1/batches/{batch}/files", files={"files": ("c.jpg", picture(5))})

    assert [i["name"] for i in more.json()["items"]] == ["a.jpg", "b.jpg"]
    assert other.json()["code"] == "not_your_upload"


def test_an_upload_without_files_is_an_empty_batch(world: World) -> None:
    uploader = world.ours_as(Role.SCHOOL_UPLOADER)
    fields = {name: (None, value) for name, value in fields_for(world).items()}

    answer = uploader.post("/api/v1/batches", files=fields)

    assert answer.status_code == 201
    assert answer.json()["items"] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"school_id": "abc"}, "field_missing"),
        ({"school_id": "9" * 30}, "field_missing"),
        ({"upload_kind": "both"}, "field_missing"),
        ({"policy": "../../etc/passwd"}, "pack_not_found"),
    ],
)
def test_malformed_fields_are_coded(world: World, change: dict[str, str], code: str) -> None:
    uploader = world.ours_as(Role.SCHOOL_UPLOADER)

    answer = uploader.post("/api/v1/batches", data=fields_for(world) | change, files={"f": ("a.jpg", picture(6))})

    assert answer.json()["code"] == code
    with session_scope(world.maker) as session:
        assert len(session.scalars(select(Batch)).all()) == 2


def raw(world: World, client: TestClient, body: bytes | Iterator[bytes]) -> tuple[int, str]:
    del world
    answer = client.post(
        "/api/v1/batches", content=body, headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    )
    return answer.status_code, answer.json().get("code", "")


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    shown = f'; filename="{filename}"' if filename else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{shown}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def test_an_upload_that_breaks_off_leaves_nothing(world: World) -> None:
    uploader = world.ours_as(Role.SCHOOL_UPLOADER)
    cut = part("school_id", str(world.ours.organisation_id).encode()) + part("files", picture(7), "a.jpg")

    assert raw(world, uploader, cut) == (422, "multipart_malformed")
    assert raw(world, uploader, cut[:-50]) == (422, "multipart_malformed")
    assert raw(world, uploader, b"nonsense") == (422, "multipart_malformed")
    assert not list(world.app.state.ports.scratch.iterdir())


def test_limits_are_counted_while_bytes_arrive(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    uploader = world.ours_as(Role.SCHOOL_UPLOADER)
    limits = receive.ReceiveLimits(file_bytes=3 * MIB, all_bytes=4 * MIB, files=2)
    monkeypatch.setattr("api.uploads.receive_limits", lambda _: limits)
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        yield part("files", b"", "a.jpg")[:-2]
        for _ in range(200):
            read += 1
            yield b"x" * MIB

    large = raw(world, uploader, part("files", b"x" * (3 * MIB + 1), "a.jpg") + END)
    together = raw(
        world, uploader, part("files", b"x" * 2 * MIB, "a") + part("files", b"x" * 2 * MIB + b"y", "b") + END
    )
    many = raw(world, uploader, b"".join(part("files", b"x", f"{n}.jpg") for n in range(3)) + END)
    field = raw(world, uploader, part("school_id", b"1" * 5000) + END)

    assert large == (413, "upload_too_large")
    assert together == (413, "upload_too_large")
    assert many == (413, "too_many_files")
    assert field == (422, "multipart_malformed")
    assert not list(world.app.state.ports.scratch.iterdir())


def test_a_large_file_goes_to_disk_and_not_through_memory(tmp_path: Path) -> None:
    chunks = [part("files", b"", "big.jpg")[:-2], *[b"x" * MIB] * 60, b"\r\n" + END]
    messages = [{"type": "http.request", "body": chunk, "more_body": chunk is not chunks[-1]} for chunk in chunks]
    headers = [(b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode())]
    waiting = iter(messages)

    async def arriving() -> dict[str, Any]:
        return next(waiting)

    request = Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, arriving)
    tracemalloc.start()
    received = asyncio.run(receive.receive(request, tmp_path, receive.ReceiveLimits(100 * MIB, 100 * MIB, 10)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert received.files[0][1].stat().st_size == 60 * MIB
    assert peak < 8 * MIB


@pytest.mark.parametrize(
    ("raw_name", "shown"),
    [
        ("证书.jpg".encode(), "证书.jpg"),
        (b"a\x00b\r\n.jpg", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}.jpg"),
        (b"\xff\xfe.jpg", "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}.jpg"),
        (b"", "?"),
        (b"x" * 900, "x" * 400),
    ],
)
def test_a_clients_file_name_is_one_printable_line(raw_name: bytes, shown: str) -> None:
    assert receive.clean_name(raw_name) == shown


def test_a_hostile_file_name_is_shown_as_text(world: World) -> None:
    uploader = world.ours_as(Role.SCHOOL_UPLOADER)
    name = "<img src=x onerror=alert(1)>.jpg"
    batch = uploader.post("/api/v1/batches", data=fields_for(world), files={"f": (name, picture(8))}).json()["id"]

    page = uploader.get(f"/batches/{batch}").text

    assert "&lt;img src=x onerror=alert(1)&gt;.jpg" in page
    assert "<img src=x" not in page


def test_the_original_comes_as_a_download_and_is_recorded(world: World) -> None:
    uploader = world.ours_as(Role.SCHOOL_UPLOADER)
    with session_scope(world.maker) as session:
        file = session.scalars(select(SourceFile).filter_by(public_id=world.ours.file_id)).one()
        file.name = "包.zip!/../..\\<b>证书.html"

    answer = uploader.get(f"/api/v1/files/{world.ours.file_id}/original")

    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment; filename*=UTF-8''")
    assert "/" not in disposition.split("''")[1]
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    with session_scope(world.maker) as session:
        event = session.scalars(select(AuditEvent).filter_by(action="file_downloaded")).one()
        assert event.actor_id == world.ours.people[Role.SCHOOL_UPLOADER]


def test_the_page_picture_covers_the_id_number(world: World) -> None:
    reviewer = world.ours_as(Role.SCHOOL_REVIEWER)

    answer = reviewer.get(f"/api/v1/documents/{world.ours.document_id}/pages/1.jpg")

    assert answer.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(answer.content)) as image:
        gray = image.convert("L")
        inside = gray.getpixel((int(ID_BOX.center_x * image.width), int(ID_BOX.center_y * image.height)))
        outside = gray.getpixel((5, 5))
    assert isinstance(inside, int)
    assert isinstance(outside, int)
    assert inside < 80
    assert outside > 240
    assert reviewer.get(f"/api/v1/documents/{world.ours.document_id}/pages/2.jpg").status_code == 404


def test_no_id_number_leaves_in_full(world: World) -> None:
    reviewer = world.ours_as(Role.SCHOOL_REVIEWER)

    for path in (f"/api/v1/entries/{world.ours.entry_id}", f"/review/{world.ours.entry_id}"):
        text = reviewer.get(path).text
        assert ID_NUMBER not in text
        assert ID_NUMBER[-4:] in text
