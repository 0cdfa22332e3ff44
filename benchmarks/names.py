"""Names against a roster, measured on drawn names: `python -m benchmarks.names --help`.

Draws the names of an invented roster (and of strangers, many of them look-alikes of teachers) in many fonts, sizes and
states of wear, reads them with the product's recogniser and matches them against the roster: how often the likeliest
teacher is the right one, what the posterior is worth (calibration error), and how the likeness of strings would do on
the same readings. `--fit` fits the channel's weights to half of the names and reports on the other half.
"""

import argparse
import dataclasses
import math
import pickle
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
from intake.types import RosterTeacher
from ocr.evidence import plain_name, slots_between
from ocr.glyphs import likeness
from ocr.lattice import Channel, Lattice
from ocr.models import model_paths
from ocr.names import name_likeness
from ocr.roster import Roster
from ocr.types import Evidence

Pixels = NDArray[np.uint8]

SCHOOLS = 12
# Fitting goes by these factors, as long as a step lowers the loss by as much.
STEPS = (3.0, 1.5)
WORTHWHILE = 1e-4
# How string likeness chose: at most so many characters more or less, at least so alike.
LONGEST_LOSS = 2
LIKE_ENOUGH = 0.55
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
        centre = (rng.randrange(wide // 3, wide), rng.randrange(-40, 110))
        seal = page.copy()
        cv2.circle(seal, centre, rng.randrange(60, 110), (40, 30, 210), rng.randrange(5, 9))
        for angle in range(0, 360, 24):
            spot = (int(centre[0] + 48 * np.cos(angle)), int(centre[1] + 48 * np.sin(angle)))
            cv2.rectangle(seal, spot, (spot[0] + 14, spot[1] + 18), (40, 30, 210), 3)
        page = cv2.addWeighted(seal, 0.75, page, 0.25, 0).astype(np.uint8)
        page = np.minimum(page, np.asarray(picture, np.uint8)[:, :, ::-1])
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


def read_samples(seed: int, count: int, names: Sequence[tuple[str, str]]) -> Iterator[Sample]:
    """Draw and read names: two thirds teachers', the rest strangers', half of those look-alikes of a teacher's."""
    # loads the models, so only where something is read
    from ocr.engine import Engine  # noqa: PLC0415

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


def teachers_of(rng: Random, names: Sequence[tuple[str, str]]) -> list[RosterTeacher]:
    """Return a teacher for each name."""
    return [RosterTeacher(f"E{i:05d}", name, f"第{rng.randrange(SCHOOLS)}中学") for i, (name, _) in enumerate(names)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sample matched: who is the likeliest by the posterior, None for nobody, and the belief in it."""

    sample: Sample
    guess: str | None
    share: float

    @property
    def right(self) -> bool:
        """Whether the posterior points at the right teacher, or at nobody for a stranger."""
        return self.guess == self.wanted

    @property
    def wanted(self) -> str | None:
        """The plain name of the teacher who is meant, None for a stranger."""
        return plain_name(self.sample.name) if self.sample.on_roster else None


def outcomes(samples: Sequence[Sample], names: Sequence[tuple[str, str]], channel: Channel) -> list[Outcome]:
    """Match samples against the roster."""
    roster = Roster(teachers_of(Random(1), names))
    out = []
    for sample in samples:
        shares: dict[str, float] = defaultdict(float)
        for belief in roster.believed(Lattice(sample.evidence, channel)):
            shares[plain_name(belief.teacher.name)] += belief.share
        best = max(shares, key=shares.__getitem__, default=None)
        share = shares[best] if best else 0.0
        nobody = 1 - sum(shares.values())
        guess, sure = (best, share) if share > nobody else (None, nobody)
        out.append(Outcome(sample, guess, sure))
    return out


def _most_alike(read: str, names: Sequence[str]) -> str | None:
    """Return the name that is most like a string, None where none is like enough: what was done before."""
    if read in names:
        return read
    near = [name for name in names if abs(len(name) - len(read)) <= LONGEST_LOSS]
    best = max(near, key=lambda name: name_likeness(read, name), default=None)
    return best if best and name_likeness(read, best) >= LIKE_ENOUGH else None


def calibration(found: Sequence[Outcome]) -> tuple[float, list[tuple[float, float, float, int]]]:
    """Return the expected calibration error, and for each twentieth: lower end, mean share, part right, how many."""
    bins: dict[int, list[Outcome]] = defaultdict(list)
    for each in found:
        bins[min(int(each.share * 20), 19)].append(each)
    rows = [
        (k / 20, sum(o.share for o in v) / len(v), sum(o.right for o in v) / len(v), len(v))
        for k, v in sorted(bins.items())
    ]
    return sum(n * abs(share - right) for _, share, right, n in rows) / max(len(found), 1), rows


def report(found: Sequence[Outcome], names: Sequence[tuple[str, str]]) -> str:
    """Return the tables as text; string likeness is tried on the same readings."""
    plain = [plain_name(name) for name, _ in names]
    lines = ["kind          of  as read  string  posterior"]
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for each in found:
        kinds[each.sample.kind if each.sample.on_roster else f"{each.sample.kind} (off)"].append(each)
    for kind, rows in sorted(kinds.items()):
        read = sum(plain_name(o.sample.read) == plain_name(o.sample.name) for o in rows) / len(rows)
        alike = sum(_most_alike(plain_name(o.sample.read), plain) == o.wanted for o in rows) / len(rows)
        right = sum(o.right for o in rows) / len(rows)
        lines.append(f"{kind:<16}{len(rows):>5}{read:>8.1%}{alike:>8.1%}{right:>9.1%}")
    # A paper that prints a teacher's name wrongly is no evidence of how well names are read.
    error, bins = calibration([o for o in found if o.sample.kind != "look-alike"])
    lines.append(f"calibration error {error:.4f} (look-alikes of teachers' names left out)")
    lines += [f"  {low:.2f}: share {share:.3f} right {right:.3f} of {count}" for low, share, right, count in bins]
    return "\n".join(lines)


def loss(found: Sequence[Outcome]) -> float:
    """Return the mean surprise at what is right: the figure that fitting makes small."""
    return -sum(math.log(max(o.share if o.right else 1 - o.share, 1e-3)) for o in found) / max(len(found), 1)


def fitted(samples: Sequence[Sample], names: Sequence[tuple[str, str]]) -> Channel:
    """Return the channel whose weights suit the samples best, found from the present one by steps in each weight."""
    weights = [w.name for w in dataclasses.fields(Channel)]
    best = Channel()
    least = loss(outcomes(samples, names, best))
    for factor in STEPS:
        for weight in weights:
            for power in (factor, 1 / factor):
                tried = dataclasses.replace(best, **{weight: getattr(best, weight) * power})
                value = loss(outcomes(samples, names, tried))
                if value < least - WORTHWHILE:
                    best, least = tried, value
    return best


def main() -> None:
    """Draw (or load) samples, fit if asked to, and print the report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[1] if __doc__ else "")
    parser.add_argument("--seed", type=int, default=1, help="of the drawn names")
    parser.add_argument("--count", type=int, default=1000, help="how many names to draw")
    parser.add_argument("--roster", type=int, default=1500, help="how many teachers the roster has")
    parser.add_argument("--kept", type=Path, help="keep what was read in this file, or use what is kept there")
    parser.add_argument("--fit", action="store_true", help="fit the weights to half of the names, report on the rest")
    options = parser.parse_args()
    names = roster_names(Random("roster:1"), options.roster)
    if options.kept and options.kept.is_file():
        samples: list[Sample] = pickle.loads(options.kept.read_bytes())  # noqa: S301 - our own scratch
    else:
        samples = list(read_samples(options.seed, options.count, names))
        if options.kept:
            options.kept.write_bytes(pickle.dumps(samples))
    channel = Channel()
    if options.fit:
        usual = [s for s in samples if s.kind != "look-alike"]
        channel = fitted(usual[::2], names)
        samples = usual[1::2]
        print(channel)
    print(report(outcomes(samples, names, channel), names))


if __name__ == "__main__":
    main()
