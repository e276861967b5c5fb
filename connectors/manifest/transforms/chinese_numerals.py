"""Numbers in Chinese writing, and in the mixture of both writings that reports use."""

import re
import unicodedata
from decimal import Decimal

DIGITS = {character: value for value, characters in enumerate(
    ("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
) for character in characters}
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_PIECES = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|.", re.DOTALL)


def numeral(written: str) -> Decimal:
    """The number that a text is, nothing else around it; `ValueError` when it is none.

    Digits one by one (二〇二五), places (五万三千, 一百零二), the colloquial end (一千二 is 1200), a bare place (百 is
    100) and digits before a place (3.48亿, 1亿2000万).
    """
    text = unicodedata.normalize("NFKC", written).replace(" ", "")
    if text and all(character in DIGITS for character in text):
        return Decimal(int("".join(str(DIGITS[character]) for character in text)))
    pieces = _PIECES.findall(text)
    if not pieces:
        raise ValueError("no number")
    reading = _Reading()
    for piece in pieces:
        reading.take(piece)
    return reading.finished()


class _Reading:
    """A number read from left to right: 亿 and 万 close sections, 千百十 count inside of one."""

    def __init__(self) -> None:
        self.total = Decimal(0)
        self.section = Decimal(0)
        self.number: Decimal | None = None
        self.colloquial = False
        self.zero = False
        self.small, self.large = 10**4, 10**12
        self.last = 0

    def take(self, piece: str) -> None:
        if piece in _SMALL:
            self._place(_SMALL[piece])
        elif piece in _LARGE:
            self._close(_LARGE[piece])
        elif DIGITS.get(piece) == 0 and self.number is None and self.last:
            self.zero = True
        else:
            self._digits(piece)

    def _digits(self, piece: str) -> None:
        if self.number is not None:
            raise ValueError("two numbers")
        self.colloquial = piece in DIGITS
        self.number = Decimal(DIGITS[piece]) if self.colloquial else Decimal(piece.replace(",", ""))

    def _place(self, place: int) -> None:
        if place >= self.small:
            raise ValueError("places out of order")
        self.section += place * (Decimal(1) if self.number is None else self.number)
        self.small, self.last, self.number, self.zero = place, place, None, False

    def _close(self, place: int) -> None:
        if place >= self.large:
            raise ValueError("places out of order")
        section = self.section + (self.number or 0)
        if not section and self.number is None and not self.total:
            section = Decimal(1)
        self.total = (self.total + section) * place if place > 10**4 else self.total + section * place
        self.section, self.number, self.zero = Decimal(0), None, False
        self.small, self.large, self.last = 10**4, place, place

    def finished(self) -> Decimal:
        """The number, its last digit counted at the place it stands for."""
        if self.number is None:
            return self.total + self.section
        if self.last > 10 and not self.zero:
            if not self.colloquial:
                raise ValueError("digits behind a place")
            return self.total + self.section + self.number * self.last / 10
        return self.total + self.section + self.number
