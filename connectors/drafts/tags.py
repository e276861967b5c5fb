"""Fields that stand as tags in a list: the entry with a certain key holds the value."""

from collections import defaultdict
from collections.abc import Sequence

from connectors.drafts import values as looks
from connectors.drafts.columns import ENTRIES, Place, Render
from connectors.drafts.guessing import Guess
from schema.vocabularies import VocabularyScheme

_SORTED = {
    "stages": VocabularyScheme.STAGE,
    "grades": VocabularyScheme.GRADE,
    "subjects": VocabularyScheme.SUBJECT,
    "edition": VocabularyScheme.EDITION,
    "volume": None,
}


def guess_tags(places: Sequence[Place], render: Render) -> list[Guess]:
    """Fields that are the value of a list's entry with a certain key, such as `{dimension: xk, name: 数学}`."""
    best: list[Guess] = []
    for place in places:
        if not place.entries or place.steps[-1] != ENTRIES or len(place.entries) < 2:
            continue
        keys = {key for entry in place.entries for key, value in entry.items() if isinstance(value, str)}
        for key in sorted(keys):
            for value in sorted(keys - {key}):
                found = _sorted_by(place, key, value, render)
                best = max(best, found, key=len)
    return best if len(best) > 1 else []


def _sorted_by(place: Place, key: str, value: str, render: Render) -> list[Guess]:
    groups: dict[str, list[str]] = defaultdict(list)
    for entry in place.entries:
        if isinstance(entry.get(key), str) and isinstance(entry.get(value), str):
            groups[entry[key]].append(entry[value])
    if not 2 <= len(groups) <= 40 or len(groups) >= len(place.entries):
        return []
    guesses = []
    for target, scheme in _SORTED.items():
        fits = {name: _fits(scheme, words) for name, words in groups.items()}
        name = max(fits, key=lambda one: fits[one])
        if fits[name] >= 0.5:
            where = {
                "list": render(place.steps[:-1], False),
                "key": render((key,), True),
                "equals": name,
                "value": render((value,), True),
            }
            guesses.append(Guess(target, {"where": where}, f"such as {groups[name][0]} under {key} {name}"))
    return guesses


def _fits(scheme: VocabularyScheme | None, words: Sequence[str]) -> float:
    if scheme is not None:
        return looks.known_share(scheme, words)
    return looks.share(words, lambda word: "册" in word or word.startswith(("必修", "选择性", "选修")))
