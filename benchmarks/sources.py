"""A hash of all source that decides what is read off a page: what kept page texts depend on."""

import ast
import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START = "ocr.reader"
# What begins where a page's text ends: their changes need no new reading.
FIELD_MODULES = frozenset({"ocr.documents", "ocr.formbook"})
OURS = ("ocr", "intake", "core")
DATA = (".yaml", ".txt", ".json", ".npz", ".onnx")


@cache
def page_sources() -> tuple[Path, ...]:
    """Return the modules that reading a page imports, those of fields left out, and the data files that they name."""
    modules: dict[str, Path] = {}
    waiting = [START]
    while waiting:
        name = waiting.pop()
        path = _file_of(name)
        if name in modules or name in FIELD_MODULES or path is None:
            continue
        modules[name] = path
        waiting.extend(_imported(path))
    text = "".join(path.read_text(encoding="utf-8") for path in modules.values())
    data = [p for p in (ROOT / "ocr").rglob("*") if p.suffix in DATA and f'"{p.name}"' in text]
    return tuple(sorted({*modules.values(), *data}))


@cache
def page_hash() -> str:
    """Return the hash of the page-level source, 12 hexadecimal digits; ocr/models.py names the weights by hash."""
    digest = hashlib.sha256()
    for path in page_sources():
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


@cache
def shape_hash() -> str:
    """Return the hash of the values that a reading is made of: one kept in another shape cannot be used at all."""
    return hashlib.sha256((ROOT / "ocr" / "types.py").read_bytes()).hexdigest()[:6]


def _file_of(module: str) -> Path | None:
    stem = ROOT.joinpath(*module.split("."))
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if module.split(".", maxsplit=1)[0] in OURS and path.is_file():
            return path
    return None


def _imported(path: Path) -> list[str]:
    """Return every module that a file may import: `from a import b` can mean the module a.b too."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.extend([node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
    return found
