"""A file becomes upright-unknown page images: decoders that are restricted to the kind the bytes declared.

Runs only inside the reader child, behind its memory limit and deadline. Sizes are read from headers and checked before
anything is decoded. Errors are coded and carry `page` (from 1) where one page is to blame; they hold no file name: the
caller knows which file it handed in, and shows it.

    image_damaged, image_truncated, image_too_large, pdf_encrypted, pdf_damaged, pdf_no_pages, too_many_pages
"""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pypdfium2
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from core.errors import Invalid, TooLarge, XuefenError
from intake.limits import Limits
from intake.types import FileKind

PixelArray = NDArray[np.uint8]

_FORMATS = {
    FileKind.JPEG: ("JPEG", "MPO"),
    FileKind.PNG: ("PNG",),
    FileKind.WEBP: ("WEBP",),
    FileKind.TIFF: ("TIFF",),
    FileKind.BMP: ("BMP", "DIB"),
    FileKind.HEIC: ("HEIF",),
}
# Pages are worked on at no more than this; names stay legible far below it, and a worker stays below 1 GB.
WORK_PIXELS = 16_000_000
_BAND_ROWS = 512
_RENDER_DPI = 200
_POINTS_PER_INCH = 72
_EXIF_ORIENTATION = 0x0112
_TURNS = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_90,),
}


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as it lies in the file (EXIF and PDF rotation applied): number from 1, BGR image (height, width, 3).

    `scanned` says that a picture fills the PDF page and no text is drawn on it, so that its text layer, if any, is
    someone else's OCR.
    """

    number: int
    image: PixelArray
    scanned: bool = True


def iter_pages(path: Path, kind: FileKind, limits: Limits) -> Iterator[RawPage]:
    """Yield the pages of one file, one at a time; Invalid or TooLarge with the codes above."""
    if kind is FileKind.PDF:
        yield from _pdf_pages(path, limits)
    elif kind in _FORMATS:
        yield from _image_pages(path, kind, limits)
    else:
        raise Invalid("not_readable_kind", "A file of kind {kind} has no pages.", kind=kind.value)


def _image_pages(path: Path, kind: FileKind, limits: Limits) -> Iterator[RawPage]:
    if kind is FileKind.HEIC:
        pillow_heif.register_heif_opener(thumbnails=False)
    with _coded(1):
        image = Image.open(path, formats=_FORMATS[kind])
    with image:
        several = kind is FileKind.TIFF
        if several and _has_frame(image, limits.max_pages):
            raise _too_many(limits)
        number = 1
        # looking for a frame beyond the last leaves the file between frames: the first is sought, too
        while _has_frame(image, number - 1) if several else number == 1:
            with _coded(number):
                pixels = _decode(image, number, limits)
            yield RawPage(number, pixels)
            number += 1


def _has_frame(image: Image.Image, index: int) -> bool:
    """Move to a frame (from 0) if the file has it."""
    with _coded(index + 1):
        try:
            image.seek(index)
        except EOFError:
            return False
    return True


@contextmanager
def _coded(page: int) -> Iterator[None]:
    """Turn what a decoder raises into a coded error on that page."""
    try:
        with warnings.catch_warnings():
            # Pixels are checked against our own limit, and a decoder's remarks on odd metadata are no errors.
            warnings.simplefilter("ignore")
            yield
    except (XuefenError, MemoryError, FileNotFoundError, PermissionError):
        raise
    except Image.DecompressionBombError as error:
        raise TooLarge("image_too_large", "The image has more pixels than allowed.", page=page) from error
    except UnidentifiedImageError as error:
        raise _damaged(page) from error
    except Exception as error:
        # Decoders raise OSError, SyntaxError, ValueError, struct.error, EOFError and more on hostile bytes.
        said = str(error).lower()
        if isinstance(error, EOFError) or any(
            word in said for word in ("truncated", "end of file", "eof", "premature")
        ):
            raise Invalid(
                "image_truncated", "The image is cut off: its data ends too early. Send the file again.", page=page
            ) from error
        raise _damaged(page) from error


def _damaged(page: int) -> Invalid:
    return Invalid("image_damaged", "The image is damaged and cannot be decoded.", page=page)


def _decode(image: Image.Image, page: int, limits: Limits) -> PixelArray:
    """Decode the current frame to BGR, shrunk to the working size, alpha on white, turned as EXIF says."""
    width, height = image.size
    if width * height > limits.max_pixels:
        raise TooLarge(
            "image_too_large",
            "The image has {width} x {height} pixels; {limit} million are allowed.",
            page=page,
            width=width,
            height=height,
            limit=limits.max_pixels // 1_000_000,
        )
    orientation = _orientation(image)
    factor = max(math.ceil(math.sqrt(width * height / WORK_PIXELS)), 1)
    if factor > 1 and image.format in {"JPEG", "MPO"}:
        # libjpeg shrinks by 2, 4 or 8 while it decodes: a fraction of the memory and the time
        image.draft(None, (width // factor, height // factor))
    image.load()
    factor = max(math.ceil(math.sqrt(image.width * image.height / WORK_PIXELS)), 1)
    flat = _flatten(image, factor)
    for turn in _TURNS.get(orientation, ()):
        flat = flat.transpose(turn)
    return np.ascontiguousarray(np.asarray(flat)[:, :, ::-1])


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation (1..8); 1 where the metadata is missing or broken."""
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - broken metadata must not cost the page
        return 1


def _flatten(image: Image.Image, factor: int) -> Image.Image:
    """Convert any mode to RGB on white and shrink by a whole factor, in bands so that memory stays flat."""
    flat = Image.new("RGB", (max(image.width // factor, 1), max(image.height // factor, 1)), "white")
    rows = _BAND_ROWS * factor
    for top in range(0, image.height, rows):
        band = _rgb(image.crop((0, top, image.width, min(top + rows, image.height))))
        flat.paste(band.reduce(factor) if factor > 1 else band, (0, top // factor))
    return flat


def _rgb(band: Image.Image) -> Image.Image:
    """Convert one band to RGB: sixteen-bit values scaled, palettes and alpha resolved on white."""
    if band.mode.startswith("I;16") or band.mode in {"I", "F"}:
        return _from_wide(band)
    if band.has_transparency_data:
        rgba = band.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return band.convert("RGB")


def _from_wide(band: Image.Image) -> Image.Image:
    """Scale grey values of more than eight bits: 16-bit by their range, floats of 0..1 by theirs."""
    values = np.nan_to_num(np.asarray(band, dtype=np.float32))
    full = 65535.0 if band.mode != "F" else 1.0 if float(values.max(initial=0)) <= 1.0 else 255.0
    return Image.fromarray(np.clip(values * (255.0 / full), 0, 255).astype(np.uint8)).convert("RGB")


def _pdf_pages(path: Path, limits: Limits) -> Iterator[RawPage]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium_c.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise Invalid("pdf_encrypted", "The PDF asks for a password; send it without one.") from error
        raise Invalid("pdf_damaged", "The PDF is damaged and cannot be opened.") from error
    with document:
        count = len(document)
        if count == 0:
            raise Invalid("pdf_no_pages", "The PDF has no pages.")
        if count > limits.max_pages:
            raise _too_many(limits)
        document.init_forms()  # what people typed into form fields is part of the page
        for index in range(count):
            try:
                page = _render(document, index)
            except pypdfium2.PdfiumError as error:
                raise Invalid(
                    "pdf_damaged", "A page of the PDF is damaged and cannot be drawn.", page=index + 1
                ) from error
            yield page


def _render(document: Any, index: int) -> RawPage:
    """Draw one page on white at 200 dpi, or at its picture's own where that is finer."""
    page = document[index]
    try:
        width, height = page.get_size()
        if not (width > 0 and height > 0 and math.isfinite(width * height)):
            raise Invalid("pdf_damaged", "A page of the PDF is damaged and cannot be drawn.", page=index + 1)
        density, scanned = _picture(page, width, height)
        scale = max(_RENDER_DPI / _POINTS_PER_INCH, density)
        scale = min(scale, math.sqrt(WORK_PIXELS / (width * height)))
        bitmap = page.render(scale=scale, fill_color=(255, 255, 255, 255), force_bitmap_format=pdfium_c.FPDFBitmap_BGR)
        try:
            image = np.array(bitmap.to_numpy()[:, :, :3], dtype=np.uint8, order="C", copy=True)
        finally:
            bitmap.close()
    finally:
        page.close()
    return RawPage(index + 1, image, scanned)


def _picture(page: Any, width: float, height: float) -> tuple[float, bool]:
    """Return the pixels per point of the largest picture on a page, and whether the page is that picture alone.

    A picture under drawn text is a certificate's ground; the text that OCR lays on a scan is drawn invisibly or first.
    """
    density, scanned = 0.0, False
    for item in page.get_objects(filter=(pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_TEXT), max_depth=2):
        if item.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
            mode = pdfium_c.FPDFTextObj_GetTextRenderMode(item) if scanned else pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE
            scanned &= mode == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE
            continue
        left, bottom, right, top = item.get_bounds()
        share = (right - left) * (top - bottom) / (width * height)
        if share > 0.6:  # noqa: PLR2004 - a logo or a seal is far smaller, a scan hardly ever
            scanned = True
            pixels = max(item.get_px_size())
            density = max(density, pixels / max(right - left, top - bottom, 1.0))
    return density, scanned


def _too_many(limits: Limits) -> TooLarge:
    return TooLarge("too_many_pages", "The file has more than {limit} pages.", limit=limits.max_pages)
