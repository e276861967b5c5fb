"""The rule that reads a field from a place, as far as the values allow: transforms, splits, vocabulary tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.drafts import values as looks
from connectors.drafts.columns import Place, Render
from connectors.drafts.writing import shown
from connectors.manifest.targets import Target
from schema.vocabularies import VocabularyScheme, vocabulary

Table = Mapping[str, tuple[Any, str]]
MOST_WORDS = 60
"""Words of a vocabulary table, and different values of a place that is one."""
LONGEST_WORD = 60
ADDRESS_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as a manifest writes it, how well the values fit (0 to 8), why, and the tables it names."""

    written: Any
    fit: float
    why: str = ""
    tables: Mapping[str, Table] = field(default_factory=dict)


def rule_for(target: Target, place: Place, render: Render, base: str | None = None) -> Rule | None:
    """The rule that makes this place a field, None where the values cannot be it."""
    path = render(place.steps, not target.many)
    special = _SPECIAL.get(target.name)
    if special is not None:
        return special(path, place, base)
    if target.region:
        return _region(path, place, base)
    if target.scheme is not None:
        return coded(target.name, target.scheme, path, place, many=target.many)
    if target.text:
        return _text(path, place, base)
    return None


def simple(path: str, **more: Any) -> Any:
    """A rule in its shortest form."""
    return {"path": path, **more} if more else path


def coded(name: str, scheme: VocabularyScheme, path: str, place: Place, *, many: bool = False) -> Rule | None:
    """A field of a vocabulary, with a table for what the vocabulary does not know."""
    words = place.distinct
    if not words or not all(isinstance(value, str) for value in place.values[:100]):
        return None
    if looks.share(place.values, looks.is_address) > 0.2 or looks.instants(place.values) is not None:
        return None
    mark = looks.separator(place.values, scheme) if many else None
    if mark is not None:
        words = list(dict.fromkeys(piece.strip() for word in words for piece in word.split(mark) if piece.strip()))
    if max(len(word) for word in words) > LONGEST_WORD or len(words) > MOST_WORDS * 4:
        return None
    known = looks.known_share(scheme, words)
    if len(words) > MOST_WORDS and known < 0.3:
        return None
    unknown = [word for word in words if not looks.known_word(scheme, word)][:MOST_WORDS]
    more: dict[str, Any] = {"split": mark} if mark else {}
    tables: dict[str, Table] = {}
    if unknown:
        table = name if name.endswith("s") else f"{name}s"
        more["vocabulary"] = table
        tables[table] = {word: _unknown(scheme, word) for word in unknown}
    why = f"{len(words) - len(unknown)} of {len(words)} words are known" + (f", such as {words[0]}" if known else "")
    return Rule(simple(path, **more), 8 * known if known >= 0.3 else 0.0, why, tables)


def _unknown(scheme: VocabularyScheme, word: str) -> tuple[Any, str]:
    terms = vocabulary(scheme)
    near = terms.nearest(word)
    meaning = "OTHER" if "OTHER" in terms.terms else None
    if scheme is VocabularyScheme.ACCESS:
        meaning = "SCHOOL"  # what is not understood is shown to nobody it might not be meant for
    return meaning, f"guess: {near.code}? ({near.label})" if near else "guess: which code is it?"


def _instant(path: str, place: Place, base: str | None, *, day: bool = False) -> Rule | None:
    del base
    found = looks.instants(place.values, day=day)
    if found is None:
        return None
    transform, whole = found
    more = {} if whole else {"onInvalid": "drop"}
    return Rule(simple(path, transform=transform, **more), 4, f"such as {shown(str(place.values[0]), 40)}")


def _day(path: str, place: Place, base: str | None) -> Rule | None:
    return _instant(path, place, base, day=True)


def _address(path: str, place: Place, base: str | None) -> Rule | None:
    if looks.share(place.values, looks.is_image) > 0.5:
        return None
    return _any_address(path, place, base)


def _any_address(path: str, place: Place, base: str | None) -> Rule | None:
    longest = max((len(text) for text in place.texts), default=0)
    if longest <= ADDRESS_CHARACTERS and looks.share(place.values, looks.is_address) >= looks.MOST:
        return Rule(path, 4, "addresses")
    if looks.share(place.values, looks.is_path) >= looks.MOST and base:
        return Rule(simple(path, transform={"absoluteUrl": {"base": base}}), 3, "relative addresses")
    return None


def _image(path: str, place: Place, base: str | None) -> Rule | None:
    return _any_address(path, place, base)


def _identity(path: str, place: Place, base: str | None) -> Rule | None:
    del base
    if place.many or not place.everywhere or len(place.distinct) < 0.98 * len(place.values):
        return None
    if any(isinstance(value, bool | float) for value in place.values) or max(map(len, place.texts)) > 250:
        return None
    return Rule(path, 4, "different in every record") if looks.instants(place.values) is None else None


def _title(path: str, place: Place, base: str | None) -> Rule | None:
    texts = [value for value in place.values if isinstance(value, str)]
    if len(texts) < len(place.values) or not 1 <= sum(map(len, texts)) / len(texts) <= 200:
        return None
    if looks.share(texts, looks.is_address) > 0.2 or looks.instants(texts) is not None:
        return None
    varied = len(set(texts)) / len(texts)
    rule = _text(path, place, base)
    return Rule(rule.written, 2 + 2 * varied, "") if rule and (varied >= 0.02 or len(texts) < 5) else None


def _summary(path: str, place: Place, base: str | None) -> Rule | None:
    rule = _text(path, place, base)
    if rule is None or looks.share(place.values, looks.is_address) > 0.5:
        return None
    return Rule(rule.written, 1 + min(3.0, sum(map(len, place.texts)) / len(place.texts) / 15), rule.why)


def _text(path: str, place: Place, base: str | None) -> Rule | None:
    del base
    if any(isinstance(value, bool) for value in place.values):
        return None
    if looks.share(place.values, looks.is_html) > 0.1:
        return Rule(simple(path, transform="htmlToText"), 2, "holds markup")
    return Rule(path, 1)


def _volume(path: str, place: Place, base: str | None) -> Rule | None:
    likely = looks.share(place.values, lambda value: isinstance(value, str) and any(c in value for c in "册修上下全"))
    return Rule(path, 6 * likely) if likely > 0.3 and base != "" else None


def _keywords(path: str, place: Place, base: str | None) -> Rule | None:
    del base
    if not all(isinstance(value, str) for value in place.values) or looks.share(place.values, looks.is_address) > 0.2:
        return None
    mark = None if place.many else looks.separator(place.values)
    return Rule(
        simple(path, split=mark) if mark else path,
        3 if mark or place.many else 1,
        "several in one text" if mark else "",
    )


def _language(path: str, place: Place, base: str | None) -> Rule | None:
    del base
    if looks.share(place.values, looks.is_language) < looks.MOST:
        return None
    return Rule(path, 4, f"such as {place.values[0]}")


def _region(path: str, place: Place, base: str | None) -> Rule | None:
    del base
    if looks.share(place.values, looks.is_region) >= looks.MOST:
        return Rule(path, 4, "GB/T 2260 codes")
    if looks.share(place.values, looks.is_region_name) >= looks.MOST:
        return Rule(path, 3, "names of regions")
    return None


def _duration(path: str, place: Place, base: str | None) -> Rule | None:
    del base
    numbers = [float(text) for text in place.texts if text.replace(".", "", 1).isdecimal()]
    if len(numbers) < len(place.values):
        read = looks.readable(place.values, ["duration"])
        more = {} if read == 1 else {"onInvalid": "drop"}
        return Rule(simple(path, transform="duration", **more), 4, f"such as {place.values[0]}") if read > 0.5 else None
    unit = _unit(place, max(numbers, default=0))
    if unit == "seconds" and all(type(value) is int for value in place.values):
        return Rule(path, 3, "seconds")
    return Rule(simple(path, transform={"duration": {"unit": unit}}), 3, f"{unit}, as large as it is")


def _unit(place: Place, largest: float) -> str:
    if "minute" in place.steps[-1].lower() or "分" in place.steps[-1]:
        return "minutes"
    return "milliseconds" if largest > 400_000 else "seconds" if largest > 240 else "minutes"


def _count(path: str, place: Place, base: str | None) -> Rule | None:
    del base
    if all(looks.is_count(value) for value in place.values):
        return Rule(path, 3)
    for transform in ("integer", "chineseNumber"):
        if looks.readable(place.values, [transform]) >= looks.MOST:
            return Rule(simple(path, transform=transform, onInvalid="drop"), 3, f"such as {place.values[0]}")
    return None


def _decimal(path: str, place: Place, base: str | None) -> Rule | None:
    del base
    if looks.instants(place.values) is not None or looks.readable(place.values, ["decimal"]) < looks.MOST:
        return None
    return Rule(
        path
        if looks.share(place.values, lambda v: isinstance(v, int | float)) == 1
        else simple(path, transform="decimal"),
        4,
    )


_SPECIAL: Mapping[str, Callable[[str, Place, str | None], Rule | None]] = {
    "nativeId": _identity,
    "title": _title,
    "summary": _summary,
    "url": _address,
    "thumbnailUrl": _image,
    "volume": _volume,
    "keywords": _keywords,
    "language": _language,
    "durationSeconds": _duration,
    "useCount": _count,
    "version": _count,
    "revision": _count,
    "quantity": _decimal,
    **dict.fromkeys(("publishedAt", "updatedAt", "startsAt", "endsAt"), _instant),
    **dict.fromkeys(("startsOn", "endsOn", "day"), _day),
}


def words_table(values: Sequence[str], known: Mapping[str, str]) -> Table | None:
    """A table of words that stand for values of ours without a vocabulary, None where less than half are known."""
    found = {value: known.get(value.lower()) for value in values[:MOST_WORDS]}
    if not found or sum(code is not None for code in found.values()) * 2 < len(found):
        return None
    return {value: (code, "guess") if code else (None, "guess: which one is it?") for value, code in found.items()}
