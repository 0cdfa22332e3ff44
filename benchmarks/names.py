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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.drawn_names import Sample, read_samples, roster_names
from intake.types import RosterTeacher
from ocr.evidence import plain_name
from ocr.lattice import Channel, Lattice
from ocr.names import name_likeness
from ocr.roster import Roster

SCHOOLS = 12
# Fitting goes by these factors, as long as a step lowers the loss by as much.
STEPS = (3.0, 1.5)
WORTHWHILE = 1e-4
# How string likeness chose: at most so many characters more or less, at least so alike.
LONGEST_LOSS = 2
LIKE_ENOUGH = 0.55


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
    parser = argparse.ArgumentParser(description=__doc__)
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
