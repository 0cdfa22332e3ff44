"""Loads policy packs strictly: a duplicate or unknown key, fact or function is refused with file, line and key.

Pure apart from reading the pack's own files.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError

from core.errors import Invalid, NotFound
from verification.expressions import Problem, expression_problem, place_problem
from verification.pack import Pack, Part, Text

PACKS_DIR = Path(__file__).parent / "packs"
PACK_FILE = "pack.yaml"
_SHAPE_PROBLEMS = {
    "extra_forbidden": ("pack_unknown_key", "{file} line {line}: the key {key} is not known here; remove it."),
    "missing": ("pack_missing_key", "{file} line {line}: the key {key} is missing; add it."),
}

# The C loader reads a pack ten times faster; PyYAML without it still works.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
P = TypeVar("P", bound=Part)
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A pack with the SHA-256 of its bytes, which findings keep so that they can be reproduced."""

    policy: Pack
    sha256: str


@dataclass(frozen=True, slots=True)
class StrictYaml:
    """A YAML file's data, with the line (from 1) of each key path for error messages."""

    file: str
    data: object
    lines: dict[KeyPath, int]

    def line_of(self, path: KeyPath) -> int:
        """Return the line of the path, or of its nearest parent that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def list_packs(root: Path = PACKS_DIR) -> tuple[str, ...]:
    """Return the ids of all packs, sorted."""
    return tuple(sorted(path.parent.name for path in root.glob(f"*/{PACK_FILE}")))


def load_pack(pack_id: str, root: Path = PACKS_DIR) -> LoadedPack:
    """Return the pack `pack_id`; NotFound `pack_not_found` if there is none, Invalid with file, line and key if bad."""
    if pack_id not in list_packs(root):
        raise NotFound("pack_not_found", "There is no policy pack named {pack}.", pack=pack_id)
    return _load(root / pack_id / PACK_FILE)


@cache
def _load(path: Path) -> LoadedPack:
    content = path.read_bytes()
    source = read_yaml(f"{path.parent.name}/{path.name}", content)
    pack = build(source, Pack)
    _check_references(source, pack)
    _check_expressions(source, pack)
    if pack.id != path.parent.name:
        raise _bad_value(source, ("id",), f"the folder is named {path.parent.name}")
    return LoadedPack(pack, sha256(content).hexdigest())


def read_yaml(file: str, content: bytes) -> StrictYaml:
    """Parse YAML bytes; Invalid with the line if it is no YAML or a key stands twice."""
    try:
        loader = _Loader(content.decode())
        node = loader.get_single_node()
        data = None if node is None else loader.construct_document(node)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error)
        raise Invalid(
            "pack_bad_yaml", "{file} line {line}: {problem}", file=file, line=line, problem=problem
        ) from error
    return StrictYaml(file, data, dict(_walk(file, node, ())))


def _walk(file: str, node: yaml.Node | None, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                raise Invalid(
                    "pack_duplicate_key",
                    "{file} line {line}: the key {key} stands twice; keep one.",
                    file=file,
                    line=line,
                    key=_shown((*path, key.value)),
                )
            seen.add(key.value)
            yield (*path, key.value), line
            yield from _walk(file, value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield (*path, place), value.start_mark.line + 1
            yield from _walk(file, value, (*path, place))


def build(source: StrictYaml, shape: type[P]) -> P:
    """Return the data as `shape`; Invalid with file, line and key for the first thing that does not fit."""
    try:
        # Through JSON, where strict mode still takes lists for tuples and words for enums, but nothing else.
        return shape.model_validate_json(json.dumps(source.data, default=_plain))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _shape_error(source, tuple(first["loc"]), first["type"], first["msg"]) from error


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _shape_error(source: StrictYaml, path: KeyPath, kind: str, message: str) -> Invalid:
    code, text = _SHAPE_PROBLEMS.get(kind, ("pack_bad_value", "{file} line {line}: {key}: {problem}"))
    key, line = _shown(path), source.line_of(path)
    return Invalid(code, text, file=source.file, line=line, key=key, problem=message)


def _bad_value(source: StrictYaml, path: KeyPath, problem: str) -> Invalid:
    return Invalid(
        "pack_bad_value",
        "{file} line {line}: {key}: {problem}",
        file=source.file,
        line=source.line_of(path),
        key=_shown(path),
        problem=problem,
    )


def _shown(path: KeyPath) -> str:
    return ".".join(str(part) for part in path)


def _check_references(source: StrictYaml, pack: Pack) -> None:
    """Refuse ids that stand twice and names of notices, categories or attestations that the pack does not define."""
    for section in ("rules", "routes", "categories", "attestations", "open_questions"):
        seen: set[str] = set()
        for place, part in enumerate(getattr(pack, section)):
            if part.id in seen:
                raise _bad_value(source, (section, place, "id"), f"{part.id} stands twice")
            seen.add(part.id)
            if (notice := getattr(part, "notice", None)) is not None and notice not in pack.notices:
                raise _bad_value(source, (section, place, "notice"), f"there is no notice {notice} in this pack")
    categories = {category.id for category in pack.categories}
    attestations = {attestation.id for attestation in pack.attestations}
    for place, route in enumerate(pack.routes):
        if route.category not in categories:
            raise _bad_value(source, ("routes", place, "category"), f"there is no category {route.category}")
        for number, demand in enumerate(route.demands):
            if demand.attestation not in attestations:
                path = ("routes", place, "demands", number, "attestation")
                raise _bad_value(source, path, f"there is no attestation {demand.attestation}")


def _check_expressions(source: StrictYaml, pack: Pack) -> None:
    """Refuse an expression that does not parse or names an unknown fact or function; messages too."""
    for path, expression, row in _expressions(pack):
        _refuse(source, path, expression_problem(expression, row=row))
    for place, rule in enumerate(pack.rules):
        for kind in ("fail", "unknown"):
            text: Text = getattr(rule.messages, kind)
            for language in ("zh", "en"):
                path = ("rules", place, "messages", kind, language)
                _refuse(source, path, place_problem(getattr(text, language)))


def _expressions(pack: Pack) -> Iterator[tuple[KeyPath, str, bool]]:
    """Yield each expression of the pack with its key path, and whether it may ask the facts of a row."""
    for place, rule in enumerate(pack.rules):
        yield ("rules", place, "when"), rule.when, rule.scope == "row"
        yield ("rules", place, "require"), rule.require, rule.scope == "row"
    for place, route in enumerate(pack.routes):
        yield ("routes", place, "when"), route.when, False
        yield ("routes", place, "figure"), route.figure, False
        for number, demand in enumerate(route.demands):
            yield ("routes", place, "demands", number, "when"), demand.when, False


def _refuse(source: StrictYaml, path: KeyPath, problem: Problem | None) -> None:
    if problem is not None:
        raise Invalid(
            problem.code,
            problem.message,
            file=source.file,
            line=source.line_of(path),
            key=_shown(path),
            name=problem.name,
        )
