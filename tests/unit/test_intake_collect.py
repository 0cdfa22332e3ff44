"""What a run reads: files, folders and archives, in the order and with the upload kinds of a manifest."""

import zipfile
from pathlib import Path

import pytest

from core.errors import Invalid
from core.i18n import error_text
from core.vocabulary import UploadKind
from intake.collect import CollectedFile, collect
from intake.limits import Limits
from intake.manifest import read_manifest

LIMITS = Limits()
INDIVIDUAL, ORGANISER = UploadKind.INDIVIDUAL, UploadKind.ORGANISER


def pdf(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"%PDF-1.4 " + path.name.encode())
    return path


def archive(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        for name in names:
            out.writestr(name, b"%PDF-1.4 " + name.encode())
    return path


def run(
    tmp_path: Path, paths: list[Path], rows: str | None = None, default: UploadKind = INDIVIDUAL
) -> list[tuple[str, UploadKind, str | None]]:
    manifest = None
    if rows is not None:
        (tmp_path / "M.csv").write_text("file,upload_kind\n" + rows, encoding="utf-8")
        manifest = read_manifest(tmp_path / "M.csv", LIMITS)
    scratch = tmp_path / ".scratch"
    return [summary(item, tmp_path) for item in collect(paths, manifest, LIMITS, scratch, default)]


def summary(item: CollectedFile, folder: Path) -> tuple[str, UploadKind, str | None]:
    incoming = item.incoming
    if incoming.error is None:
        assert incoming.path.is_file()
        assert incoming.sha256
    else:
        assert error_text(incoming.error, "zh") != error_text(incoming.error, "en")
    name = incoming.name.removeprefix(folder.as_posix() + "/")
    return name, item.upload_kind, incoming.error.code if incoming.error else None


def test_folders_are_walked_in_natural_order_without_hidden_files(tmp_path: Path) -> None:
    folder = tmp_path / "资料"
    for name in ("10.pdf", "2.pdf", "张三/1.pdf", ".hidden.pdf", ".git/x.pdf", "Thumbs.db", "__MACOSX/y.pdf"):
        pdf(folder / name)
    (folder / "loop").symlink_to(folder)
    names = [name for name, _, _ in run(tmp_path, [folder])]
    assert names == ["资料/2.pdf", "资料/10.pdf", "资料/张三/1.pdf"]


def test_archives_come_member_by_member_and_missing_paths_in_their_place(tmp_path: Path) -> None:
    paths = [tmp_path / "none.pdf", archive(tmp_path / "batch.zip", "张三/a.pdf", "b.pdf"), pdf(tmp_path / "c.pdf")]
    assert run(tmp_path, paths, default=ORGANISER) == [
        ("none.pdf", ORGANISER, "file_not_found"),
        ("batch.zip!/张三/a.pdf", ORGANISER, None),
        ("batch.zip!/b.pdf", ORGANISER, None),
        ("c.pdf", ORGANISER, None),
    ]


def test_bad_archives_and_empty_folders_are_entries_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.zip").write_bytes(b"PK\3\4 nothing more")
    paths = [tmp_path / "bad.zip", tmp_path / "empty", archive(tmp_path / "none.zip"), pdf(tmp_path / "c.pdf")]
    assert run(tmp_path, paths) == [
        ("bad.zip", INDIVIDUAL, "zip_damaged"),
        ("empty", INDIVIDUAL, "folder_empty"),
        ("none.zip", INDIVIDUAL, "zip_empty"),
        ("c.pdf", INDIVIDUAL, None),
    ]


def test_a_manifest_alone_names_what_to_read(tmp_path: Path) -> None:
    pdf(tmp_path / "a.pdf")
    pdf(tmp_path / "sub" / "b.pdf")
    pdf(tmp_path / "unnamed.pdf")
    assert run(tmp_path, [], "sub\\b.pdf,organiser\n\na.pdf,\nnone.pdf,individual\n") == [
        ("sub/b.pdf", ORGANISER, None),
        ("a.pdf", INDIVIDUAL, None),
        ("none.pdf", INDIVIDUAL, "file_not_found"),
    ]


def test_with_paths_a_manifest_orders_what_it_names_and_the_rest_follows(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in ("1.pdf", "2.pdf", "3.pdf"):
        pdf(folder / name)
    pdf(tmp_path / "elsewhere.pdf")
    rows = "in/3.pdf,organiser\nelsewhere.pdf,organiser\nin/1.pdf,individual\n"
    assert run(tmp_path, [folder], rows) == [
        ("in/3.pdf", ORGANISER, None),
        ("in/1.pdf", INDIVIDUAL, None),
        ("in/2.pdf", INDIVIDUAL, None),
    ]


def test_the_manifest_itself_is_not_read(tmp_path: Path) -> None:
    pdf(tmp_path / "a.pdf")
    assert run(tmp_path, [tmp_path], "a.pdf,organiser\n") == [("a.pdf", ORGANISER, None)]


def test_a_manifest_may_name_members_of_archives(tmp_path: Path) -> None:
    path = archive(tmp_path / "batch.zip", "张三/a.pdf", "b.pdf", "c.pdf")
    rows = "batch.zip!/c.pdf,organiser\nbatch.zip!/张三/a.pdf,\nbatch.zip!/none.pdf,\n"
    named: list[tuple[str, UploadKind, str | None]] = [
        ("batch.zip!/c.pdf", ORGANISER, None),
        ("batch.zip!/张三/a.pdf", INDIVIDUAL, None),
        ("batch.zip!/none.pdf", INDIVIDUAL, "file_not_found"),
    ]
    assert run(tmp_path, [], rows) == named
    assert run(tmp_path, [path], rows) == [*named, ("batch.zip!/b.pdf", INDIVIDUAL, None)]
    whole = run(tmp_path, [], "batch.zip!/c.pdf,\nbatch.zip,organiser\n")
    assert [name for name, _, _ in whole] == ["batch.zip!/c.pdf", "batch.zip!/张三/a.pdf", "batch.zip!/b.pdf"]


def test_a_refused_archive_stands_in_for_its_members(tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(b"PK\3\4 nothing more")
    assert run(tmp_path, [], "bad.zip!/a.pdf,\n") == [("bad.zip!/a.pdf", INDIVIDUAL, "zip_damaged")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_manifests_are_read_in_the_encodings_of_desktops(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "清单.csv"
    path.write_bytes("备注,文件,上传方式\r\n甲,张三.jpg,组织单位\r\n,李四.jpg,个人\r\n".encode(encoding))
    rows = read_manifest(path, LIMITS).rows
    assert [(row.name, row.path, row.upload_kind) for row in rows] == [
        ("张三.jpg", tmp_path / "张三.jpg", ORGANISER),
        ("李四.jpg", tmp_path / "李四.jpg", INDIVIDUAL),
    ]


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        (b"name,upload_kind\na.jpg,individual\n", "manifest_no_header", None),
        (b"", "manifest_no_header", None),
        (b"file,upload_kind\na.jpg,individual\n,organiser\n", "manifest_no_file", 3),
        (b"file,upload_kind\na.jpg,teacher\n", "manifest_kind_unknown", 2),
        (b"file,upload_kind\n\x00\x00\n", "csv_unreadable", None),
        (b"\xff\xff\xff", "csv_unreadable", None),
        (b'file,upload_kind\n"' + b"x" * 200_000, "csv_unreadable", None),
    ],
)
def test_bad_manifests_name_the_row(tmp_path: Path, text: bytes, code: str, row: int | None) -> None:
    path = tmp_path / "M.csv"
    path.write_bytes(text)
    with pytest.raises(Invalid) as caught:
        read_manifest(path, LIMITS)
    assert (caught.value.code, caught.value.facts.get("row")) == (code, row)
    assert "M.csv" in error_text(caught.value, "zh")
