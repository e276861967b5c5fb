"""Text as it is compared and searched: one spelling for what Chinese platforms write in many ways."""

import re
import unicodedata
from html.parser import HTMLParser

_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff]")
_PUNCTUATION = str.maketrans("「」『』〝〞、–—−", '""\'\'"",---', "")
_QUOTES = str.maketrans("“”‘’′″", '""\'\'\x27"')
_BLOCKS = re.compile(
    "address|article|aside|blockquote|br|dd|div|dl|dt|fieldset|figure|footer|form|h[1-6r]|header|li|main|nav|ol|p|pre"
    "|section|table|td|th|tr|ul"
)
_UNSEEN = frozenset({"script", "style", "template", "head", "noscript"})


def tidy(text: str) -> str:
    """Text as it is shown: canonical composition, no invisible characters, runs of white space as one space.

    Full-width punctuation stays, as it is right in Chinese text.
    """
    return " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).split())


def search_form(text: str) -> str:
    """Text as it is indexed and searched: NFKC, half width, one kind of quote, dash and comma, case folded.

    Idempotent; the index and the query must both go through it.
    """
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    plain = unicodedata.normalize("NFKC", folded).translate(_PUNCTUATION).translate(_QUOTES)
    return " ".join(plain.split())


def copy_form(text: str) -> str:
    """Text as copies of one work are compared: the search form without anything but letters, marks and digits."""
    return unicodedata.normalize("NFC", search_form(text).translate(_COMPARED))


def plain_text(markup: str) -> str:
    """The text of an HTML fragment: tags, comments, scripts and styles dropped, character references resolved.

    Blocks and line breaks become single spaces. Text without markup comes back tidied; malformed markup never raises.
    """
    if "<" not in markup and "&" not in markup:
        return tidy(markup)
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return tidy("".join(reader.pieces))


class _Compared(dict[int, int | None]):
    """Letters, marks and digits by themselves and all else by None; common characters are remembered."""

    def __missing__(self, character: int) -> int | None:
        found = character if unicodedata.category(chr(character))[0] in "LMN" else None
        if character < _COMMON:
            self[character] = found
        return found


_COMMON = 0x10000
_COMPARED = _Compared()


class _Reader(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Separate blocks; remember where hidden content begins."""
        del attrs
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif _BLOCKS.fullmatch(tag):
            self.pieces.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An empty element hides nothing."""
        del attrs
        if _BLOCKS.fullmatch(tag):
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """Separate blocks; hidden content ends with its own tag."""
        if self._unseen and tag == self._unseen[-1]:
            self._unseen.pop()
        elif _BLOCKS.fullmatch(tag):
            self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        """Keep what is visible."""
        if not self._unseen:
            self.pieces.append(data)
