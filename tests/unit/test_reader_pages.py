"""Files become BGR pages, or a coded error that names the page."""

import hashlib
from pathlib import Path

import numpy as np
import pillow_heif
import pypdfium2
import pytest
from PIL import Image

from core.errors import Invalid, TooLarge, XuefenError
from fixtures.handmade import one_page, pdf_of
from intake.limits import Limits
from intake.pages import WORK_PIXELS, RawPage, iter_pages
from intake.types import FileKind

SIZE = (240, 120)
LIMITS = Limits()


def drawing() -> Image.Image:
    """Red left half, blue right half, noise so that compressed bytes are plenty."""
    noise = np.random.default_rng(1).integers(0, 60, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
    noise[:, :120, 0] += 190
    noise[:, 120:, 2] += 190
    return Image.fromarray(noise)


def pages(path: Path, kind: FileKind, limits: Limits = LIMITS) -> list[RawPage]:
    return list(iter_pages(path, kind, limits))


@pytest.mark.parametrize(
    ("kind", "name", "options"),
    [
        (FileKind.JPEG, "JPEG", {"quality": 95}),
        (FileKind.PNG, "PNG", {}),
        (FileKind.WEBP, "WEBP", {"lossless": True}),
        (FileKind.TIFF, "TIFF", {"compression": "tiff_lzw"}),
        (FileKind.BMP, "BMP", {}),
    ],
)
def test_every_image_kind_gives_one_bgr_page(
    tmp_path: Path, kind: FileKind, name: str, options: dict[str, object]
) -> None:
    path = tmp_path / "picture"
    drawing().save(path, name, **options)
    (page,) = pages(path, kind)
    assert page.number == 1
    assert page.image.shape == (120, 240, 3)
    assert page.image[60, 40, 2] > 150 > page.image[60, 40, 0]
    assert page.image[60, 200, 0] > 150 > page.image[60, 200, 2]


def test_heic_is_read(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    pillow_heif.from_pillow(drawing()).save(path, quality=90)
    (page,) = pages(path, FileKind.HEIC)
    assert page.image.shape == (120, 240, 3)
    assert page.image[60, 40, 2] > 150


@pytest.mark.parametrize(("orientation", "red_at"), [(1, (60, 40)), (3, (60, 200)), (6, (40, 60)), (8, (200, 60))])
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, red_at: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "photo"
    drawing().save(path, "JPEG", quality=95, exif=exif)
    (page,) = pages(path, FileKind.JPEG)
    assert page.image[red_at][2] > 150 > page.image[red_at][0]


def test_alpha_falls_on_white(tmp_path: Path) -> None:
    path = tmp_path / "clear"
    Image.new("RGBA", (40, 30), (0, 0, 0, 0)).save(path, "PNG")
    assert pages(path, FileKind.PNG)[0].image.min() == 255


def test_a_palette_with_a_clear_colour_falls_on_white(tmp_path: Path) -> None:
    path = tmp_path / "palette"
    Image.new("P", (40, 30), 0).save(path, "PNG", transparency=0)
    assert pages(path, FileKind.PNG)[0].image.min() == 255


def test_sixteen_bit_grey_keeps_its_shades(tmp_path: Path) -> None:
    path = tmp_path / "deep"
    Image.fromarray(np.full((30, 40), 32768, dtype=np.uint16)).save(path, "PNG")
    assert abs(int(pages(path, FileKind.PNG)[0].image.mean()) - 128) <= 1


def test_cmyk_is_converted(tmp_path: Path) -> None:
    path = tmp_path / "print"
    Image.new("CMYK", (40, 30), (0, 255, 255, 0)).save(path, "JPEG")
    blue, green, red = pages(path, FileKind.JPEG)[0].image[15, 20]
    assert red > 200
    assert max(blue, green) < 60


def test_every_frame_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    path = tmp_path / "fax"
    frames = [Image.new("L", (50 + i, 40), 255) for i in range(3)]
    frames[0].save(path, "TIFF", save_all=True, append_images=frames[1:])
    assert [(p.number, p.image.shape[1]) for p in pages(path, FileKind.TIFF)] == [(1, 50), (2, 51), (3, 52)]


def test_a_tiff_of_too_many_frames_is_refused_before_any_is_read(tmp_path: Path) -> None:
    path = tmp_path / "fax"
    frames = [Image.new("L", (50, 40), 255) for _ in range(3)]
    frames[0].save(path, "TIFF", save_all=True, append_images=frames[1:])
    with pytest.raises(TooLarge) as caught:
        pages(path, FileKind.TIFF, Limits(max_pages=2))
    assert caught.value.code == "too_many_pages"


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_truncated_jpeg_is_refused_not_half_read(tmp_path: Path, kept: float, progressive: bool) -> None:
    path = tmp_path / "cut"
    drawing().resize((1200, 900)).save(path, "JPEG", quality=90, progressive=progressive)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(Invalid) as caught:
        pages(path, FileKind.JPEG)
    assert (caught.value.code, caught.value.page) == ("image_truncated", 1)


@pytest.mark.parametrize(("kind", "name"), [(FileKind.PNG, "PNG"), (FileKind.WEBP, "WEBP"), (FileKind.BMP, "BMP")])
def test_other_truncated_images_are_refused(tmp_path: Path, kind: FileKind, name: str) -> None:
    path = tmp_path / "cut"
    drawing().save(path, name)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(Invalid) as caught:
        pages(path, kind)
    assert caught.value.code in {"image_truncated", "image_damaged"}


def test_another_kind_of_bytes_than_declared_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    drawing().save(path, "PNG")
    with pytest.raises(Invalid) as caught:
        pages(path, FileKind.JPEG)
    assert caught.value.code == "image_damaged"


def test_too_many_pixels_are_refused_by_the_header(tmp_path: Path) -> None:
    path = tmp_path / "vast"
    Image.new("1", (10_000, 8_000)).save(path, "PNG")
    with pytest.raises(TooLarge) as caught:
        pages(path, FileKind.PNG)
    assert caught.value.code == "image_too_large"


def test_a_bomb_by_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    Image.new("1", (32_000, 32_000)).save(path, "PNG")
    with pytest.raises(TooLarge):
        pages(path, FileKind.PNG)


def test_a_large_image_is_worked_on_at_the_working_size(tmp_path: Path) -> None:
    path = tmp_path / "large"
    Image.new("L", (6_000, 4_000), 200).save(path, "JPEG")
    (page,) = pages(path, FileKind.JPEG)
    assert page.image.shape[0] * page.image.shape[1] <= WORK_PIXELS
    assert abs(int(page.image.mean()) - 200) <= 2


def pdf(path: Path, count: int = 1, size: tuple[float, float] = (595, 842)) -> None:
    document = pypdfium2.PdfDocument.new()
    for _ in range(count):
        document.new_page(*size).close()
    document.save(path)
    document.close()


def test_a_pdf_page_is_rendered_at_200_dpi(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    pdf(path, 2)
    first, second = pages(path, FileKind.PDF)
    assert (first.number, second.number) == (1, 2)
    assert abs(first.image.shape[1] - 595 * 200 / 72) < 2
    assert not first.scanned


def test_an_endless_pdf_page_is_rendered_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "poster.pdf"
    pdf(path, 1, (14_400, 14_400))
    (page,) = pages(path, FileKind.PDF)
    assert page.image.shape[0] * page.image.shape[1] <= WORK_PIXELS * 1.01


def test_a_scanned_pdf_page_keeps_the_scans_own_pixels(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    Image.new("L", (2480, 3508), 250).save(path, "PDF", resolution=300)
    (page,) = pages(path, FileKind.PDF)
    assert page.scanned
    assert abs(page.image.shape[1] - 2480) <= 2


def test_a_pdf_of_too_many_pages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.pdf"
    pdf(path, 3)
    with pytest.raises(TooLarge) as caught:
        pages(path, FileKind.PDF, Limits(max_pages=2))
    assert caught.value.code == "too_many_pages"


def test_a_damaged_pdf_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7\nnothing here\n%%EOF\n")
    with pytest.raises(Invalid) as caught:
        pages(path, FileKind.PDF)
    assert caught.value.code == "pdf_damaged"


def test_a_pdf_without_pages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.pdf"
    pdf(path, 0)
    with pytest.raises(XuefenError) as caught:
        pages(path, FileKind.PDF)
    assert caught.value.code in {"pdf_no_pages", "pdf_damaged"}


PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def encrypted_pdf(password: bytes) -> bytes:
    """Write a one-page PDF with the standard handler, revision 2 (PDF 1.7, 7.6.3)."""
    padded = (password + PADDING)[:32]
    owner = rc4(hashlib.md5(padded, usedforsecurity=False).digest()[:5], padded)
    key = hashlib.md5(padded + owner + (-4).to_bytes(4, "little", signed=True) + b"0" * 16, usedforsecurity=False)
    user = rc4(key.digest()[:5], PADDING)
    handler = b"<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (owner.hex().encode(), user.hex().encode())
    told = b"/Encrypt 5 0 R/ID[<%s><%s>]" % (((b"0" * 16).hex().encode(),) * 2)
    return pdf_of([*one_page(b"", b"", 200), handler], told)


def test_a_pdf_with_a_password_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    path.write_bytes(encrypted_pdf(b"secret"))
    with pytest.raises(Invalid) as caught:
        pages(path, FileKind.PDF)
    assert caught.value.code == "pdf_encrypted"


def test_a_pdf_whose_password_is_empty_is_read(tmp_path: Path) -> None:
    path = tmp_path / "open.pdf"
    path.write_bytes(encrypted_pdf(b""))
    assert len(pages(path, FileKind.PDF)) == 1
