"""From a stored row to a document of the index and back."""

import functools
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from tantivy import Document

from gateway.catalog.ports import PlatformNames
from gateway.catalog.ranks import seconds, sort_keys, weight
from gateway.catalog.text import characters, token_text, token_text_of_name
from gateway.clock import CHINA
from schema.access import Access
from schema.regions import region_tree
from schema.resources import CatalogResource
from schema.vocabularies import VocabularyScheme, vocabulary

_TIERS = tuple(Access)


class StoredRow(NamedTuple):
    """The columns of `resources` that a document is made from, in the order they are selected."""

    id: int
    platform: str
    native_id: str
    sequence: int
    access: str
    body: bytes
    unmapped: str
    digest: str
    manifest_version: int
    fetched_at: datetime
    modified_upstream_at: datetime | None
    withdrawn_at: datetime | None


def document_key(platform: str, native_id: str) -> str:
    """The raw term that names a record in the index."""
    return f"{platform}\x1f{native_id}"


def resource_json(row: StoredRow, record: Mapping[str, Any]) -> bytes:
    """`CatalogResource` of a row as JSON; the tier is the effective one."""
    return orjson.dumps(
        {
            "platform": row.platform,
            "record": {**record, "access": row.access},
            "provenance": {
                "fetchedAt": row.fetched_at,
                "digest": row.digest,
                "manifestVersion": row.manifest_version,
                "modifiedUpstreamAt": row.modified_upstream_at,
                "unmapped": orjson.loads(row.unmapped),
            },
        }
    )


def stored_resource(row: StoredRow) -> CatalogResource:
    """The resource a row holds."""
    return CatalogResource.model_validate_json(resource_json(row, orjson.loads(row.body)))


@functools.cache
def with_broader(scheme: VocabularyScheme, code: str) -> tuple[str, ...]:
    """A code and everything broader, so that asking for a subject finds its branches."""
    terms = vocabulary(scheme).terms
    found = [code]
    while (term := terms.get(found[-1])) and term.broader and term.broader not in found:
        found.append(term.broader)
    return tuple(found)


@functools.cache
def label_tokens(scheme: VocabularyScheme, code: str) -> str:
    """Tokens of a code's label, for subjects also of the English one; none for a code the vocabulary does not know."""
    term = vocabulary(scheme).get(code)
    if term is None:
        return ""
    english = term.label_en if scheme is VocabularyScheme.SUBJECT else None
    return token_text(f"{term.label} {english or ''}")


class DocumentBuilder:
    """Builds index documents; `now` dates the freshness that is baked into their weight."""

    def __init__(self, platforms: PlatformNames, now: datetime) -> None:
        self._platforms = platforms
        self._now = now

    def build(self, row: StoredRow) -> Document:
        """The document of a live row."""
        record: dict[str, Any] = orjson.loads(row.body)
        document = Document()
        document.add_bytes("doc", resource_json(row, record))
        document.add_text("key", document_key(row.platform, row.native_id))
        self._add_text(document, record)
        for field, values in self._terms(row, record):
            for value in values:
                document.add_text(field, value)
        published, begins = _moment(record.get("publishedAt")), _moment(record.get("startsAt"))
        if published:
            document.add_text("year", str(published.astimezone(CHINA).year))
            document.add_unsigned("published", seconds(published))
        if begins:
            document.add_unsigned("begins", seconds(begins))
        keys = sort_keys(
            record["title"],
            seconds(published) if published else None,
            seconds(begins) if begins else None,
            record.get("useCount"),
            row.id,
        )
        for field, key in keys.items():
            document.add_unsigned(field, key)
        document.add_float("weight", weight(record, published, self._now))
        return document

    def _add_text(self, document: Document, record: Mapping[str, Any]) -> None:
        translations = record.get("translations", ())
        title = token_text("\n".join((record["title"], *(t["title"] for t in translations if t.get("title")))))
        summary = token_text("\n".join([text for part in (record, *translations) if (text := part.get("summary"))]))
        labels, people = " ".join(_labels(record)), " ".join(_people(record))
        for field, tokens in (("title", title), ("labels", labels), ("people", people)):
            if tokens:
                document.add_text(field, tokens)
        document.add_text("text", f"{title} {labels} {people} {summary}")
        document.add_text("chars", characters(title + labels + people))

    def _terms(self, row: StoredRow, record: Mapping[str, Any]) -> Iterable[tuple[str, Iterable[str]]]:
        access = Access(row.access)
        provider = (record.get("provider") or {}).get("name")
        edition = record.get("edition")
        yield "platform", (row.platform,)
        yield "access", (access,)
        yield "within", _TIERS[_TIERS.index(access) :]
        path = region_path(record.get("region") or self._platforms.region(row.platform))
        yield "region", path
        yield "place", path[-1:]
        yield "stage", set(record.get("stages", ()))
        yield "grade", {term["code"] for term in record.get("grades", ())}
        yield (
            "subject",
            {
                code
                for term in record.get("subjects", ())
                for code in with_broader(VocabularyScheme.SUBJECT, term["code"])
            },
        )
        yield "kind", (record["kind"],)
        yield "mode", set(record.get("teachingModes", ()))
        yield "classroom", _one(record.get("classroomKind"))
        yield "language", _one(record.get("language"))
        yield "license", _one(record.get("license"))
        yield "program", _one(record.get("program"))
        yield "edition", with_broader(VocabularyScheme.EDITION, edition["code"]) if edition else ()
        yield "delivery", set(record.get("delivery", ()))
        yield "provider", _one(provider)
        yield "contributor", {person["name"] for person in record.get("contributors", ()) if person.get("name")}
        yield "name", (record["title"],)
        yield "reviewed", ("1",) if (record.get("review") or {}).get("status") == "APPROVED" else ("0",)


def _labels(record: Mapping[str, Any]) -> Iterable[str]:
    """Tokens of keywords, and of stage, subject, grade and edition in our words and in the platform's."""
    yield from map(token_text_of_name, record.get("keywords", ()))
    for stage in record.get("stages", ()):
        yield label_tokens(VocabularyScheme.STAGE, stage)
    edition = record.get("edition")
    for scheme, terms in (
        (VocabularyScheme.SUBJECT, record.get("subjects", ())),
        (VocabularyScheme.GRADE, record.get("grades", ())),
        (VocabularyScheme.EDITION, (edition,) if edition else ()),
    ):
        for term in terms:
            yield label_tokens(scheme, term["code"])
            if native := term.get("native"):
                yield token_text_of_name(native)


def _people(record: Mapping[str, Any]) -> Iterable[str]:
    """Tokens of contributors, their organizations and the provider."""
    people = record.get("contributors", ())
    for named in (*people, record.get("provider"), *(person.get("organization") for person in people)):
        if named and (name := named.get("name")):
            yield token_text_of_name(name)


@functools.cache
def region_path(code: str | None) -> tuple[str, ...]:
    """Codes from the nation down to this region; none for a region that is not known."""
    tree = region_tree()
    return tree.path(code) if code and tree.get(code) else ()


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
