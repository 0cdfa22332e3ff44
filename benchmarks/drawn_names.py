"""Draws names as lines of worn print and reads them: what benchmarks/names.py measures."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.settings import Settings
from fixtures import people
from fixtures.fonts import KNOWN, face
from ocr.engine import Engine
from ocr.evidence import slots_between
from ocr.glyphs import likeness
from ocr.models import model_paths
from ocr.types import Evidence

Pixels = NDArray[np.uint8]

FRAMES = ("学员{}同志", "学生{}，性别", "姓名：{}", "{}", "{}老师于", "{}  男", "兹证明{}于")
GLYPHS = Path(people.__file__).parent.parent / "ocr" / "glyphs"


@dataclass(frozen=True, slots=True)
class Sample:
    """A drawn name as it was read: the name, whether a teacher has it, and what was seen."""

    name: str
    kind: str
    on_roster: bool
    read: str
    score: float
    evidence: Evidence


def roster_names(rng: Random, size: int) -> list[tuple[str, str]]:
    """Return invented names with their kinds: plain, rare, dotted, long, compound, and look-alikes of one another."""
    rare = yaml.safe_load((GLYPHS / "confusables.yaml").read_text(encoding="utf-8"))["rare"]
    names: dict[str, str] = dict.fromkeys(people.RARE, "rare") | dict.fromkeys(people.DOTTED, "dotted")
    near = near_characters()
    while len(names) < size:
        name, kind = people.plain_name(rng, rng.choice("男女")), "plain"
        draw = rng.random()
        if draw < 0.2:
            name, kind = name[0] + "".join(rng.sample(rare, len(name) - 1)), "rare"
        elif draw < 0.24:
            name, kind = rng.choice(people.COMPOUND) + name[1:], "compound"
        elif draw < 0.27:
            parts = ["阿依古丽买提江努尔热克木艾山吐逊达吾卡地尼沙迪力"[i::3] for i in range(3)]
            halves = ["".join(rng.sample(parts[rng.randrange(3)], rng.randrange(2, 5))) for _ in range(2)]
            name, kind = "·".join(halves), "dotted"
        elif draw < 0.36:
            other = rng.choice(list(names))
            name, kind = alike(rng, other, near), "pair"
        elif draw < 0.38:
            name, kind = name[:2] + rng.choice(people.GIVEN_F), "plain"
            names.setdefault(name[:2], "prefix")
        names.setdefault(name, kind)
    return list(names.items())


def near_characters() -> dict[str, list[str]]:
    """Return the look-alikes of each character that has some."""
    near: dict[str, list[str]] = defaultdict(list)
    for line in (GLYPHS / "similar.txt").read_text(encoding="utf-8").splitlines():
        one, *others = line.split(" ")
        near[one] += [o[0] for o in others if likeness(one, o[0]) > 0.8]
    for group in yaml.safe_load((GLYPHS / "confusables.yaml").read_text(encoding="utf-8"))["groups"]:
        for one in group:
            near[one] += [o for o in group if o != one]
    return near


def alike(rng: Random, name: str, near: dict[str, list[str]]) -> str:
    """Return a name with one of its given characters changed for a look-alike; itself where none has one."""
    places = [i for i in range(1, len(name)) if near.get(name[i])]
    if not places:
        return name
    at = rng.choice(places)
    return name[:at] + rng.choice(near[name[at]]) + name[at + 1 :]


def drawn(rng: Random, text: str) -> Pixels:
    """Return a line of text as a worn crop (BGR): blurred, noisy, compressed, now and then under a seal."""
    font = face(rng.choice(list(KNOWN)))
    size = rng.choice((44, 36, 30, 26, 22, 20, 18, 16, 14))
    large = 48
    wide = round(font.width(text, large)) + 40
    ink = rng.choice(((10, 10, 10), (20, 20, 20), (60, 60, 60), (90, 40, 30)))
    picture = Image.new("RGB", (wide, 72), rng.choice(((255, 255, 255), (250, 246, 235), (235, 238, 240))))
    pen = ImageDraw.Draw(picture)
    x = 20.0
    for run, part in font.runs(text):
        pen.text((x, 8), part, fill=ink, font=run.at(large))
        x += run.at(large).getlength(part)
    page = np.asarray(picture, np.uint8)[:, :, ::-1].copy()
    if rng.random() < 0.2:
        page = _sealed(page, rng)
    turn = cv2.getRotationMatrix2D((wide / 2, 36), rng.uniform(-1.2, 1.2), 1)
    page = np.asarray(cv2.warpAffine(page, turn, (wide, 72), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    scale = size / large
    page = np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), rng.uniform(0.25, 0.9)), np.uint8)
    grain = np.random.default_rng(rng.randrange(2**31)).normal(0, rng.uniform(0.5, 7), page.shape)
    page = np.clip(page * rng.uniform(0.75, 1) + rng.uniform(0, 30) + grain, 0, 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, rng.choice((30, 45, 60, 75, 90))])[1]
    page = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    cut = rng.randrange(0, max(size // 5, 1))
    return np.ascontiguousarray(page[cut // 2 : page.shape[0] - cut, :])


def _sealed(page: Pixels, rng: Random) -> Pixels:
    """Return a line with a part of a red seal over it; the print stays as dark as it was."""
    wide = page.shape[1]
    centre = (rng.randrange(wide // 3, wide), rng.randrange(-40, 110))
    seal = page.copy()
    cv2.circle(seal, centre, rng.randrange(60, 110), (40, 30, 210), rng.randrange(5, 9))
    for angle in range(0, 360, 24):
        spot = (int(centre[0] + 48 * np.cos(angle)), int(centre[1] + 48 * np.sin(angle)))
        cv2.rectangle(seal, spot, (spot[0] + 14, spot[1] + 18), (40, 30, 210), 3)
    return np.minimum(cv2.addWeighted(seal, 0.75, page, 0.25, 0).astype(np.uint8), page)


def read_samples(seed: int, count: int, names: Sequence[tuple[str, str]]) -> Iterator[Sample]:
    """Draw and read names: two thirds teachers', the rest strangers', half of those look-alikes of a teacher's."""
    rng = Random(f"names:{seed}")
    known, near = dict(names), near_characters()
    with TemporaryDirectory(prefix="xuefen-names-") as scratch:
        engine = Engine(model_paths(Settings().models_dir.expanduser()), Path(scratch))
        for _ in range(count):
            name, kind = rng.choice(list(names))
            draw = rng.random()
            if draw < 0.12:
                name, kind = people.plain_name(rng, rng.choice("男女")), "stranger"
            elif draw < 0.24:
                name, kind = alike(rng, name, near), "look-alike"
            shown = name.replace("·", rng.choice(people.DOTS))
            frame = rng.choice(FRAMES)
            (said,) = engine.recognise([drawn(rng, frame.format(shown))])
            start, end = _piece(said.text, frame)
            slots = slots_between(said.slots, start, end)
            read = said.text[start:end].strip()
            if slots and read:
                evidence = Evidence(slots, said.score)
                yield Sample(name, known.get(name, kind), name in known, read, said.score, evidence)


def _piece(text: str, frame: str) -> tuple[int, int]:
    """Return where the name stands in what was read: between the frame's words, as far as they were read."""
    before, _, after = frame.partition("{}")
    lead = next((i + 1 for i in range(len(before) + 1, -1, -1) if before and text[i : i + 1] == before[-1]), 0)
    tail = after.strip()[:2]
    end = text.find(tail, lead) if tail else -1
    return lead, end if end >= 0 else len(text)
