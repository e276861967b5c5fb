"""Formats of metadata that are known: Dublin Core and LOM, field by field."""

from collections.abc import Sequence
from typing import Any

from connectors.drafts.columns import Place
from connectors.drafts.guessing import Guess
from connectors.drafts.rules import coded
from connectors.drafts.values import instants, known_share
from connectors.extraction import Language
from schema.vocabularies import VocabularyScheme

_LOM = "oai:metadata/lom:lom"
_PURPOSES = f"{_LOM}/lom:classification/lom:purpose/lom:value"
_TAXON = "/lom:taxonPath/lom:taxon/lom:entry/lom:string"
_VOLUME = "contains(., '册') or starts-with(., '必修') or starts-with(., '选择性')"
_ENTITY = {"path": "lom:entity", "match": r"ORG:(?P<value>[^\r\n;]+)"}
_PERSON = f"{_LOM}/lom:lifeCycle/lom:contribute[not(lom:date)]"
LOM: dict[str, Any] = {
    "title": f"{_LOM}/lom:general/lom:title/lom:string[1]",
    "kind": f"{_LOM}/lom:educational/lom:learningResourceType/lom:value",
    "url": f"{_LOM}/lom:general/lom:identifier/lom:entry[starts-with(., 'http')][1]",
    "summary": f"{_LOM}/lom:general/lom:description/lom:string",
    "language": f"{_LOM}/lom:general/lom:language[1]",
    "stages": f"{_LOM}/lom:educational/lom:context/lom:value",
    "keywords": f"{_LOM}/lom:general/lom:keyword/lom:string",
    "provider": {
        "each": f"{_LOM}/lom:lifeCycle/lom:contribute[lom:role/lom:value='发布' or lom:role/lom:value='publisher']",
        "fields": {"name": _ENTITY, "kind": {"constant": "SCHOOL"}},
    },
    "contributors": {
        "each": _PERSON,
        "fields": {
            "name": {"path": "lom:entity", "transform": "vcardName"},
            "role": "lom:role/lom:value",
            "organization": {"fields": {"name": _ENTITY}},
        },
    },
    "publishedAt": f"({_LOM}/lom:lifeCycle/lom:contribute/lom:date/lom:dateTime)[1]",
    "durationSeconds": {"path": f"{_LOM}/lom:technical/lom:duration/lom:duration", "transform": "duration"},
    "files": {
        "each": f"{_LOM}[lom:technical/lom:location]",
        "fields": {
            "url": "lom:technical/lom:location[1]",
            "mediaType": "lom:technical/lom:format[1]",
            "sizeBytes": {"path": "lom:technical/lom:size", "transform": "integer", "onInvalid": "drop"},
        },
    },
    "copyrightHolder": f"{_LOM}/lom:rights/lom:copyrightHolder/lom:string",
}
_DC = "oai:metadata/oai_dc:dc"
DUBLIN_CORE: dict[str, Any] = {
    "kind": f"{_DC}/dc:type",
    "publishedAt": f"{_DC}/dc:date[1]",
    "provider": {"fields": {"name": f"{_DC}/dc:publisher[1]"}},
    "contributors": {"each": f"{_DC}/dc:creator", "fields": {"name": ".", "role": {"constant": "AUTHOR"}}},
    "stages": f"{_DC}/dcterms:audience",
}
_TABLES = {"lom:lom": LOM, "oai_dc:dc": DUBLIN_CORE}
_SCHEMES = {
    "kind": VocabularyScheme.KIND,
    "stages": VocabularyScheme.STAGE,
}
_TAXONS = {
    "grades": VocabularyScheme.GRADE,
    "subjects": VocabularyScheme.SUBJECT,
    "edition": VocabularyScheme.EDITION,
}
KNOWN = 0.3
"""The share of words under a purpose that a vocabulary has to know."""


def crosswalk(top: str, records: Sequence[Any], language: Language) -> list[Guess]:
    """The rules for records below a known root element that find something in them; none for an unknown one."""
    rules = _TABLES.get(top, {})
    made = [_fitting(name, rule, records, language) for name, rule in rules.items()]
    classified = _classified(records, language) if rules is LOM else []
    return [guess for guess in made if guess is not None] + classified


def _fitting(name: str, rule: Any, records: Sequence[Any], language: Language) -> Guess | None:
    path = rule if isinstance(rule, str) else rule.get("each") or rule.get("path") or rule["fields"]["name"]
    if isinstance(rule, dict):
        found = [one for record in records if (one := language.compile_entries(path)(record)) is not None]
        return Guess(name, rule, f"in {len(found)} of {len(records)} records") if found else None
    values = _values(path, records, language)
    if not values:
        return None
    if name == "publishedAt":
        read = instants(values)
        written = {"path": path, "transform": read[0], "onInvalid": "drop"} if read else None
        return Guess(name, written, f"such as {values[0]}") if written else None
    scheme = _SCHEMES.get(name)
    if scheme is None:
        return Guess(name, rule, f"such as {values[0]}")
    return _of_vocabulary(name, scheme, path, values)


def _of_vocabulary(name: str, scheme: VocabularyScheme, path: str, values: list[Any]) -> Guess | None:
    made = coded(name, scheme, path, Place((name,), values), many=True)
    return Guess(name, made.written, made.why, made.tables) if made else None


def _classified(records: Sequence[Any], language: Language) -> list[Guess]:
    """Grades, subjects, edition and volume by the purpose of the classification they stand in."""
    guesses = []
    purposes = [one for one in dict.fromkeys(_values(_PURPOSES, records, language)) if "'" not in one]
    paths = {one: f"{_LOM}/lom:classification[lom:purpose/lom:value='{one}']{_TAXON}" for one in purposes}
    words = {one: _values(path, records, language) for one, path in paths.items()}
    for name, scheme in _TAXONS.items():
        best = max(purposes, key=lambda one: known_share(scheme, words[one]), default=None)
        if best is None or known_share(scheme, words[best]) < KNOWN:
            continue
        path = paths[best] + (f"[not({_VOLUME})]" if name == "edition" else "")
        guess = _of_vocabulary(name, scheme, path, _values(path, records, language))
        if guess is not None:
            guesses.append(guess)
    for path in (f"{one}[{_VOLUME}]" for one in paths.values()):
        found = _values(path, records, language)
        if found and not any(guess.target == "volume" for guess in guesses):
            guesses.append(Guess("volume", path, f"such as {found[0]}"))
    return guesses


def _values(path: str, records: Sequence[Any], language: Language) -> list[Any]:
    find = language.compile(path)
    values: list[Any] = []
    for record in records:
        found = find(record)
        values.extend(found if isinstance(found, list) else [] if found is None else [found])
    return [value for value in values if isinstance(value, str)]
