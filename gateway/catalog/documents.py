"""From a stored row to a document of the index and back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from tantivy import Document

from gateway.catalog.ports import PlatformNames
from gateway.catalog.ranks import seconds, sort_keys, weight
from gateway.catalog.text import characters, token_text
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


def with_broader(scheme: VocabularyScheme, codes: Iterable[str]) -> set[str]:
    """Codes and everything broader, so that asking for a subject finds its branches."""
    terms = vocabulary(scheme).terms
    found: set[str] = set()
    for code in codes:
        step: str | None = code
        while step is not None and step not in found:
            found.add(step)
            step = terms[step].broader if step in terms else None
    return found


def labels_of(scheme: VocabularyScheme, codes: Iterable[str]) -> list[str]:
    """Labels of the codes that the vocabulary knows: Chinese, for subjects also English."""
    terms = vocabulary(scheme).terms
    known = [terms[code] for code in codes if code in terms]
    english = [term.label_en for term in known if term.label_en and scheme is VocabularyScheme.SUBJECT]
    return [*(term.label for term in known), *english]


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
        texts = searchable_texts(record)
        tokens = {field: token_text(values) for field, values in texts.items()}
        for field in ("title", "labels", "people"):
            if tokens[field]:
                document.add_text(field, tokens[field])
        document.add_text("text", " ".join(filter(None, tokens.values())))
        document.add_text("chars", characters(texts["title"] + texts["labels"] + texts["people"]))

    def _terms(self, row: StoredRow, record: Mapping[str, Any]) -> Iterable[tuple[str, Iterable[str]]]:
        access = Access(row.access)
        provider = (record.get("provider") or {}).get("name")
        region = record.get("region") or self._platforms.region(row.platform)
        tree = region_tree()
        yield "platform", (row.platform,)
        yield "access", (access,)
        yield "within", _TIERS[_TIERS.index(access) :]
        yield "region", tree.path(region) if region and tree.get(region) else ()
        yield "stage", set(record.get("stages", ()))
        yield "grade", {term["code"] for term in record.get("grades", ())}
        yield "subject", with_broader(VocabularyScheme.SUBJECT, (term["code"] for term in record.get("subjects", ())))
        yield "kind", (record["kind"],)
        yield "mode", set(record.get("teachingModes", ()))
        yield "classroom", _one(record.get("classroomKind"))
        yield "language", _one(record.get("language"))
        yield "license", _one(record.get("license"))
        yield "program", _one(record.get("program"))
        yield "edition", with_broader(VocabularyScheme.EDITION, _one((record.get("edition") or {}).get("code")))
        yield "delivery", set(record.get("delivery", ()))
        yield "provider", _one(provider)
        yield "contributor", {person["name"] for person in record.get("contributors", ()) if person.get("name")}
        yield "name", (record["title"],)
        yield "reviewed", ("1",) if (record.get("review") or {}).get("status") == "APPROVED" else ("0",)


def searchable_texts(record: Mapping[str, Any]) -> dict[str, list[str]]:
    """The texts of a camelCase record that queries match, by the part whose weight they have."""
    translations = record.get("translations", ())
    codes = [term["code"] for term in record.get("subjects", ())]
    grades, edition = record.get("grades", ()), record.get("edition")
    natives = [term.get("native") for term in (*record.get("subjects", ()), *grades, *((edition,) if edition else ()))]
    people = record.get("contributors", ())
    places = [record.get("provider"), *(person.get("organization") for person in people)]
    return {
        "title": [record["title"], *(t["title"] for t in translations if t.get("title"))],
        "labels": [
            *record.get("keywords", ()),
            *labels_of(VocabularyScheme.SUBJECT, codes),
            *labels_of(VocabularyScheme.GRADE, (term["code"] for term in grades)),
            *labels_of(VocabularyScheme.STAGE, record.get("stages", ())),
            *labels_of(VocabularyScheme.EDITION, _one((edition or {}).get("code"))),
            *dict.fromkeys(filter(None, natives)),
        ],
        "people": [*(p["name"] for p in people if p.get("name")), *dict.fromkeys(p["name"] for p in places if p)],
        "summary": [text for part in (record, *translations) if (text := part.get("summary"))],
    }


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
