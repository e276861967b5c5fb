"""How resources hang together."""

from enum import StrEnum


class Relation(StrEnum):
    """How this resource hangs together with another.

    A word with OF speaks of this one: PART_OF, this is a part of the other; REPLAY_OF, this replays it. HAS_PART: the
    other is a part of this. BEFORE_CLASS, DURING_CLASS and AFTER_CLASS speak of the other: it is this one's material.
    """

    PART_OF = "PART_OF"
    HAS_PART = "HAS_PART"
    BEFORE_CLASS = "BEFORE_CLASS"
    DURING_CLASS = "DURING_CLASS"
    AFTER_CLASS = "AFTER_CLASS"
    REPLAY_OF = "REPLAY_OF"
    LIVE_OF = "LIVE_OF"
    VERSION_OF = "VERSION_OF"
    BASED_ON = "BASED_ON"

    @property
    def inverse(self) -> "Relation | None":
        """The same link read from the other end, where the contract has a word for it."""
        return _INVERSES.get(self)


_INVERSES = {
    Relation.PART_OF: Relation.HAS_PART,
    Relation.HAS_PART: Relation.PART_OF,
    Relation.REPLAY_OF: Relation.LIVE_OF,
    Relation.LIVE_OF: Relation.REPLAY_OF,
    Relation.VERSION_OF: Relation.VERSION_OF,
}
