"""How likely a reading is, if a given name stands on the page: the recogniser's slots against the name. Pure.

A name is aligned with the slots in every way at once (as in CTC): each slot says one of its characters, is taken for a
look-alike, or says nothing; each character of the name stands in a slot or was dropped. The few weights were fitted on
drawn names with `benchmarks.names`; they are the rates of what goes wrong in reading.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from ocr.evidence import is_gap, plain
from ocr.glyphs import likeness
from ocr.types import Evidence, Slot

CERTAIN = 0.999
EMPTY = 1e-9
SHARP = 4


@dataclass(frozen=True, slots=True)
class Channel:
    """The rates at which reading goes wrong.

    `temper` is the power that the recogniser's probabilities are raised to: it is surer than it should be. `alike` is
    the rate of a look-alike at likeness 1 beyond what the slot itself says, `any_other` that of any other character,
    `added` that of a character too many: each in proportion to the slot's doubt, which is never below `doubt`.
    `dropped` and `clipped` are the rates of a character lost within or at an end.
    """

    temper: float = 0.68
    alike: float = 0.12
    any_other: float = 5e-6
    dropped: float = 1.2e-3
    clipped: float = 2e-3
    added: float = 2e-4
    doubt: float = 2e-3


READING = Channel()


@dataclass(slots=True)
class _Place:
    """One slot ready for scoring: plain characters with tempered probabilities, and what was scored before."""

    said: dict[str, float]
    nothing: float
    doubt: float
    channel: Channel
    scored: dict[str, float] = field(default_factory=dict)

    def score(self, character: str) -> float:
        """Return how likely this slot looks as it does where a character stands."""
        known = self.scored.get(character)
        if known is None:
            near = sum(p * likeness(other, character) ** SHARP for other, p in self.said.items() if other != character)
            other = self.channel.alike * near + self.channel.any_other * (1.0 - self.nothing)
            known = self.said.get(character, 0.0) + self.doubt * other
            self.scored[character] = known
        return known


class Lattice:
    """What was seen of one name, to be scored against many."""

    def __init__(self, evidence: Evidence, channel: Channel = READING) -> None:
        """Fold the slots' characters as names are compared, and temper their probabilities."""
        self._channel = channel
        self._places = [_place(slot, channel) for slot in evidence.slots]
        self.read = "".join(plain(slot.chars[0]) for slot in evidence.slots if not is_gap(slot))

    def characters(self, least: float = 0.0) -> set[str]:
        """Return every character that some slot can be with at least this probability."""
        return {character for place in self._places for character, p in place.said.items() if p >= least}

    def likelihood(self, name: str) -> float:
        """Return how likely this reading is where a plain name stands, up to a factor that no name changes."""
        row = self._dropping([1.0] + [0.0] * len(name))
        for place in self._places:
            silent = place.nothing + self._channel.added * place.doubt * (1.0 - place.nothing)
            following = [p * silent for p in row]
            for index, character in enumerate(name):
                following[index + 1] += row[index] * place.score(character)
            row = self._dropping(following)
        return row[-1]

    def _dropping(self, row: list[float]) -> list[float]:
        """Let each character of the name be lost where the alignment has come to; the first and last are clipped."""
        last = len(row) - 2
        for index in range(last + 1):
            lost = self._channel.clipped if index in {0, last} else self._channel.dropped
            row[index + 1] += row[index] * lost
        return row


def text_evidence(text: str, sure: float = CERTAIN) -> Evidence:
    """Return evidence of text that brings none: each character as sure as `sure` (0..1), nothing told of others."""
    slots = tuple(Slot(i, c, (min(sure, CERTAIN),), 0.0) for i, c in enumerate(text))
    return Evidence(slots, sure)


def _place(slot: Slot, channel: Channel) -> _Place:
    said: dict[str, float] = defaultdict(float)
    nothing = slot.blank
    for character, p in zip(slot.chars, slot.probs, strict=True):
        if folded := plain(character):
            said[folded] += p
        else:
            nothing += p
    powered = {character: p**channel.temper for character, p in said.items()}
    silence = nothing**channel.temper
    # what the slot does not tell is shared by thousands of characters: it counts for none of them
    rest = max(1.0 - nothing - sum(said.values()), 0.0)
    total = max(sum(powered.values()) + silence + rest, EMPTY)
    doubt = max(1.0 - slot.probs[0], channel.doubt) if slot.probs else 1.0
    return _Place({c: p / total for c, p in powered.items()}, silence / total, doubt, channel)
