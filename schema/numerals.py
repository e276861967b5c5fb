"""Numbers in Chinese writing, and in the mixture of both writings that reports use."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation

DIGITS = {
    character: value
    for value, characters in enumerate(
        ("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for character in characters
}
LONGEST = 40
"""Characters of a number: the longest below 10^16 has 31."""
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
PLACES = {**_SMALL, **_LARGE}
_PIECES = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|.", re.DOTALL)


def numeral(written: str) -> Decimal:
    """The number that a text is, nothing else around it; `ValueError` when it is none.

    Digits one by one (二〇二五), places (五万三千, 一百零二), the colloquial end (一千二 is 1200), a bare place (百 is
    100) and digits before a place (3.48亿, 1亿2000万).
    """
    text = unicodedata.normalize("NFKC", written).replace(" ", "")
    if len(text) > LONGEST:
        raise ValueError(f"a number of more than {LONGEST} characters")
    if text and all(character in DIGITS for character in text):
        return Decimal(int("".join(str(DIGITS[character]) for character in text)))
    pieces = _PIECES.findall(text)
    if not pieces:
        raise ValueError("no number")
    reading = _Reading()
    try:
        for piece in pieces:
            reading.take(piece)
    except InvalidOperation as error:
        raise ValueError("no number") from error
    return reading.finished()


class _Reading:
    """A number read from left to right: 亿 and 万 close sections, 千百十 count inside of one."""

    def __init__(self) -> None:
        self._total = Decimal(0)
        self._section = Decimal(0)
        self._number: Decimal | None = None
        self._digit = False
        self._zero = False
        self._place = 0
        self._bound = 10**4
        self._closed: set[int] = set()

    def take(self, piece: str) -> None:
        """The next digit, number or place; `ValueError` where it cannot stand."""
        if piece in _SMALL:
            self._count(_SMALL[piece])
        elif piece in _LARGE:
            self._close(_LARGE[piece])
        elif self._number is not None or len(piece) > 20:
            raise ValueError("two numbers without a place between them, or more digits than can be exact")
        elif DIGITS.get(piece) == 0 and self._place:
            self._zero = True
        else:
            self._digit = piece in DIGITS
            self._number = Decimal(DIGITS[piece] if self._digit else piece.replace(",", ""))

    def _count(self, place: int) -> None:
        if place >= self._bound or (self._number is None and self._place and place > 10):
            raise ValueError("places out of order")
        self._section += place * (1 if self._number is None else self._number)
        self._place = self._bound = place
        self._number, self._zero = None, False

    def _close(self, place: int) -> None:
        if place in self._closed:
            raise ValueError("places out of order")
        section = self._section + (self._number or 0) if self._number is not None or self._place else Decimal(1)
        if place == _LARGE["亿"]:
            self._total = (self._total + section) * place
            self._closed = {place}
        else:
            self._total += section * place
            self._closed.add(place)
        self._section, self._number, self._zero = Decimal(0), None, False
        self._place, self._bound = place, 10**4

    def finished(self) -> Decimal:
        """The number, a digit at its end counted a place below the one before."""
        if self._number is None:
            return self._total + self._section
        if self._place and not self._zero:
            if not self._digit:
                raise ValueError("digits behind a place")
            return self._total + self._section + self._number * self._place / 10
        return self._total + self._section + self._number
