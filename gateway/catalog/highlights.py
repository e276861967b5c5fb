"""Where a query matches in a resource, as escaped HTML with `<em>` around each match."""

import html
from collections.abc import Iterable, Sequence

from gateway.catalog.matching import words
from gateway.catalog.results import Highlight
from gateway.catalog.text import fold, runs
from schema.resources import CatalogResource

FRAGMENT = 120
"""Characters of a long text that are shown around its first match."""
_LEAD = 20


def highlight(query: str, resource: CatalogResource) -> tuple[Highlight, ...]:
    """A fragment of each field that holds some part of the query: title, summary, keywords, contributors, provider."""
    sought = _parts(query)
    if not sought:
        return ()
    record = resource.record
    names = [person.name for person in record.contributors if person.name]
    fields: list[tuple[str, Sequence[str]]] = [
        ("title", [record.title]),
        ("summary", [record.summary] if record.summary else []),
        ("keywords", record.keywords),
        ("contributors", names),
        ("provider", [record.provider.name] if record.provider else []),
    ]
    return tuple(
        Highlight(field, fragment)
        for field, texts in fields
        for text in texts
        if (fragment := _fragment(text, sought)) is not None
    )


def _parts(query: str) -> list[str]:
    """What to look for: whole runs first, then dictionary words, then pairs of characters."""
    found = runs(query)
    pairs = [token for run in found for token in run.tokens]
    return list(dict.fromkeys([*(run.text for run in found), *words(query), *pairs]))[:100]


def _fragment(text: str, sought: Iterable[str]) -> str | None:
    folded, origin = _fold_with_origin(text)
    spans = _spans(folded, sought)
    if not spans:
        return None
    marked = [(origin[start], origin[end - 1] + 1) for start, end in spans]
    begin = 0 if len(text) <= FRAGMENT else max(marked[0][0] - _LEAD, 0)
    limit = min(begin + FRAGMENT, len(text))
    parts = ["…" if begin else ""]
    position = begin
    for start, end in marked:
        if end > limit or start < position:
            continue
        parts += [html.escape(text[position:start]), "<em>", html.escape(text[start:end]), "</em>"]
        position = end
    return "".join([*parts, html.escape(text[position:limit]), "…" if limit < len(text) else ""])


def _fold_with_origin(text: str) -> tuple[str, list[int]]:
    """Folded text, and for each of its characters the place in the original it came from."""
    pieces = [(fold(character), place) for place, character in enumerate(text)]
    return "".join(piece for piece, _ in pieces), [place for piece, place in pieces for _ in piece]


def _spans(folded: str, sought: Iterable[str]) -> list[tuple[int, int]]:
    """Matches as joined, ordered spans; words in Latin letters match as whole words only, as the index does."""
    covered = bytearray(len(folded))
    for part in sought:
        at = folded.find(part)
        while at >= 0:
            end = at + len(part)
            if not part.isascii() or _is_word(folded, at, end):
                covered[at:end] = b"\1" * len(part)
            at = folded.find(part, at + 1)
    spans: list[tuple[int, int]] = []
    start = covered.find(1)
    while start >= 0:
        end = covered.find(0, start)
        end = len(covered) if end < 0 else end
        spans.append((start, end))
        start = covered.find(1, end)
    return spans


def _is_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())
