"""The limits an upload must keep to, checked before anything is unpacked or decoded."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Plain defaults; a driver may pass others. All counts are inclusive: a file exactly at the limit is taken."""

    max_file_bytes: int = 50 * MIB
    """Bytes of one image, PDF or roster."""

    max_pixels: int = 64_000_000
    """Width times height of one image or of one page of a TIFF."""

    max_side: int = 32_000
    """Pixels of the longer side: OpenCV's geometry works on 16-bit signed coordinates."""

    max_pages: int = 200
    """Pages of one PDF or TIFF."""

    max_archive_bytes: int = 2 * GIB
    """Bytes of one ZIP as uploaded."""

    max_archive_members: int = 5_000
    """Entries in one ZIP's directory, folders included."""

    max_unpacked_bytes: int = 4 * GIB
    """Bytes of all members of one ZIP together once unpacked."""

    max_ratio: int = 200
    """Unpacked bytes for one packed byte. Deflate ends near 1,030; photographs lie near 1, written pages below 100."""

    ratio_floor_bytes: int = 1 * MIB
    """Members that unpack to less are not asked for their ratio: a small blank page is no bomb."""

    max_name_length: int = 400
    """Characters of a member's name, its folders included."""

    max_roster_rows: int = 200_000
    """Rows of a roster sheet, headings included."""

    max_roster_unpacked_bytes: int = 256 * MIB
    """Bytes of an XLSX roster's parts together once unpacked."""
