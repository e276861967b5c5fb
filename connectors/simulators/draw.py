"""Deterministic numbers drawn from a key, so that any record can be made on demand and never needs to be stored."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

_LOW = 1 << 48


class Draw:
    """A stream of numbers fixed by its key: `Draw(2026, "chongqing", 17)` always draws the same ones.

    One hash gives 512 bits, enough for most records; a longer stream hashes again. It costs about a tenth of seeding
    `random.Random`, which matters for a million records.
    """

    __slots__ = ("_key", "_round", "_state")

    def __init__(self, *key: object) -> None:
        self._key = "\x1f".join(map(str, key)).encode()
        self._round = 0
        self._state = 0

    def below(self, bound: int) -> int:
        """A whole number from 0 up to but not including `bound`."""
        if self._state < _LOW:
            digest = blake2b(self._key, digest_size=64, salt=self._round.to_bytes(16, "big")).digest()
            self._state = int.from_bytes(digest, "big")
            self._round += 1
        self._state, drawn = divmod(self._state, bound)
        return drawn

    def between(self, first: int, last: int) -> int:
        """A whole number from `first` to `last`, both included."""
        return first + self.below(last - first + 1)

    def chance(self, part: int, whole: int) -> bool:
        """True in `part` of `whole` cases."""
        return self.below(whole) < part

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, each as likely as the others."""
        return choices[self.below(len(choices))]

    def weighted(self, choices: Sequence[tuple[T, int]]) -> T:
        """One of the choices by its weight."""
        rest = self.below(sum(weight for _, weight in choices))
        for choice, weight in choices:
            rest -= weight
            if rest < 0:
                return choice
        raise ValueError("choices need positive weights")

    def hexadecimal(self, length: int) -> str:
        """`length` lower-case hexadecimal digits."""
        return "".join("0123456789abcdef"[self.below(16)] for _ in range(length))


def digest(*key: object) -> str:
    """32 lower-case hexadecimal digits fixed by the key; stands for the MD5 of a file that does not exist."""
    return blake2b("\x1f".join(map(str, key)).encode(), digest_size=16).hexdigest()
