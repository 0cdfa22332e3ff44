"""How alike two characters look, 0..1, from the measured table and the confusions seen. Pure after loading."""

from collections import defaultdict
from functools import cache
from pathlib import Path

import yaml

HERE = Path(__file__).parent
SEEN = 0.85
# Recognition puts these for what it cannot read.
UNREAD = frozenset("?□■*�")
UNREAD_LIKENESS = 0.5
DIFFERENT = 0.0


def likeness(one: str, other: str) -> float:
    """Return 1 for the same character, the measured or seen likeness of look-alikes, 0 for characters that differ."""
    if one == other:
        return 1.0
    if one in UNREAD or other in UNREAD:
        return UNREAD_LIKENESS
    return _table().get(frozenset((one, other)), DIFFERENT)


def look_alikes(character: str) -> dict[str, float]:
    """Return the characters that look like one, with their likeness (0..1); empty where none is known."""
    return _neighbours().get(character, {})


@cache
def _neighbours() -> dict[str, dict[str, float]]:
    near: dict[str, dict[str, float]] = defaultdict(dict)
    for pair, alike in _table().items():
        if len(pair) > 1:
            one, other = pair
            near[one][other] = near[other][one] = alike
    return dict(near)


@cache
def _table() -> dict[frozenset[str], float]:
    pairs: dict[frozenset[str], float] = {}
    for line in (HERE / "similar.txt").read_text(encoding="utf-8").splitlines():
        character, *near = line.split(" ")
        for entry in near:
            pairs[frozenset((character, entry[0]))] = int(entry[1:]) / 100
    groups = yaml.safe_load((HERE / "confusables.yaml").read_text(encoding="utf-8"))["groups"]
    for group in groups:
        for i, one in enumerate(group):
            for other in group[i + 1 :]:
                pair = frozenset((one, other))
                pairs[pair] = max(SEEN, pairs.get(pair, 0.0))
    return pairs
