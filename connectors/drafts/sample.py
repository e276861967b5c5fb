"""A first manifest drafted from a recorded answer of the platform."""

from dataclasses import dataclass, field, replace
from typing import Any

from connectors.drafts.columns import jmespath, places_of, xpath
from connectors.drafts.draft import About, Draft, Given, assembled
from connectors.drafts.fields import Drafted, Material, draft_fields
from connectors.drafts.life import draft_incremental, guess_deleted
from connectors.drafts.listings import MOST_CANDIDATES, Candidate, candidates, draft_failures, draft_paging
from connectors.drafts.oai_records import is_oai, oai_section
from connectors.drafts.reading import Sample, read_sample
from connectors.drafts.requests import draft_credentials, draft_request
from connectors.drafts.selections import selection
from connectors.drafts.writing import Block, shown
from connectors.drafts.xml_shapes import Prefixes, record_elements, shape
from connectors.errors import Malformed
from connectors.extraction import JMESPATH, XPathLanguage
from connectors.files.formats import model_of
from schema.records import Record
from schema.resources import ResourceRecord
from schema.training import TrainingReport
from schema.usage import UsageFact

RECORDS: dict[str, type[Record]] = {"harvest": ResourceRecord, "training": TrainingReport, "usage": UsageFact}


@dataclass(slots=True)
class Section:
    """A drafted section: its own keys, what is drafted of its fields, and what belongs at the top of the manifest."""

    keys: Block
    material: Material
    before: Block = field(default_factory=Block)
    notes: list[str] = field(default_factory=list)
    needed: list[str] = field(default_factory=list)


def draft_from_sample(body: bytes, name: str, about: About | None = None) -> Draft:
    """Draft a manifest from the bytes of a recorded answer; `name` is that of the file.

    The guesses stand as comments in the text. Raises `Malformed` for what holds no records and cannot be read, and
    `ValueError` for an address that is none.
    """
    about = about or About()
    section = _section(read_sample(body, name), name, about)
    record = RECORDS[about.section]
    drafted = draft_fields(record, section.material)
    return completed(section, drafted, about, {}, f"{len(section.material.raw)} records in {name}")


def completed(section: Section, drafted: Drafted, about: About, head: dict[str, Given], why: str) -> Draft:
    """The draft of a section whose fields are drafted."""
    keys = section.keys
    if about.section != "usage":
        draft_incremental(keys, drafted.rules.get("updatedAt"), about.query)
        if section.material.deleted is not None:
            keys.put("deleted", section.material.deleted, "guess: what says that a record is gone")
    keys.put("fields", drafted.fields if drafted.fields else {}, f"guess: from {why}")
    if not drafted.fields:
        keys.entries.extend(drafted.fields.entries)
    if about.section == "usage":
        keys.remark("window: {from: startDate, to: endDate, days: 31} where the platform takes the days asked for")
        keys.put("measures", drafted.measures)
    draft = assembled(about, keys, head=head, tables=drafted.tables, before=section.before)
    return replace(
        draft,
        notes=(*section.notes, *drafted.notes),
        needed=(*draft.needed, *section.needed, *(f"{about.section}.{name}" for name in drafted.needed)),
    )


def _section(sample: Sample, name: str, about: About) -> Section:
    if sample.kind in ("csv", "xlsx", "jsonLines"):
        return _file_section(sample, name, about)
    if sample.kind == "xml":
        return _xml_section(sample.document, name, about)
    return _json_section(sample.document, name, about)


def _objects(records: list[Any], name: str) -> list[dict[str, Any]]:
    found = [record for record in records if isinstance(record, dict)]
    if not found:
        raise Malformed(f"{name} holds no records; a sample needs one at least")
    return found


def _file_section(sample: Sample, name: str, about: About) -> Section:
    records = _objects(sample.document, name)
    keys, needed = Block(), []
    keys.put("protocol", "files", f"guess: {name} is {sample.kind}")
    if about.path is None:
        keys.put(
            "files",
            "/" + _plain_name(name),
            "needed: the path of the file at the origin, or `folder:` for dropped files",
        )
        needed.append(f"{about.section}.files")
    else:
        keys.put("files", about.path)
    keys.put("format", sample.format or sample.kind)
    if sample.encoding:
        keys.put("encoding", sample.encoding, "guess: it is no UTF-8")
    notes = [f"{sample.broken} lines of the sample cannot be read"] if sample.broken else []
    return Section(
        keys,
        Material(records, records, JMESPATH, jmespath, about.origin, deleted=_gone(records, False)),
        notes=notes,
        needed=needed,
    )


def _plain_name(name: str) -> str:
    return "".join(letter for letter in name.rpartition("/")[2] if letter.isalnum() or letter in "._-") or "records"


def _gone(records: list[Any], xml: bool) -> str | None:
    return guess_deleted(places_of(records), in_xml=xml)


def _json_section(document: Any, name: str, about: About) -> Section:
    found = candidates(document)
    if not found and isinstance(document, dict) and document:
        found = [Candidate((), [document])] if _like_a_record(document) else []
    if not found:
        raise Malformed(
            f"{name} holds no list of objects, so no records are found; where it lists addresses of files, use one of "
            "those files as the sample and `paging: {kind: parts}`"
        )
    chosen = found[0]
    before, keys = Block(), Block()
    draft_credentials(before, about.query)
    if chosen.wrapped and chosen.steps[:1] == ("data",) and len(chosen.steps) > 2:
        _graphql(keys, document, chosen, about)
        needed: list[str] = []
    elif isinstance(document, dict) and chosen.steps == ("statements",) and "more" in document:
        keys.put("protocol", "xapi", "guess: statements and more")
        if about.path:
            keys.put("path", about.path)
        needed = []
    else:
        needed = _rest(keys, document, chosen, about)
    for path, count in [(one.path, len(one.records)) for one in found[1:MOST_CANDIDATES]]:
        keys.remark(f"records could also be {path} ({count} entries)")
    rows = draft_failures(document)
    if rows:
        before.put("failures", [row for row, _ in rows], f"guess: {rows[0][1]}")
    deleted = _gone(chosen.records, False)
    material = Material(chosen.records, chosen.records, JMESPATH, jmespath, about.origin, deleted=deleted)
    return Section(keys, material, before, needed=needed)


def _like_a_record(document: dict[str, Any]) -> bool:
    return sum(not isinstance(value, dict | list) for value in document.values()) >= 3


def _rest(keys: Block, document: Any, chosen: Candidate, about: About) -> list[str]:
    keys.put("protocol", "rest")
    paging = draft_paging(document, len(chosen.records), about.query)
    needed = draft_request(keys, about, paging)
    if paging:
        keys.put("paging", paging)
    else:
        keys.remark(
            "paging: nothing in the sample speaks of pages; look at the Link header of the answer, or at its parameters"
        )
    path = chosen.path if chosen.steps or chosen.wrapped or isinstance(document, list) else "[@]"
    keys.put("records", path, f"guess: the longest list of objects, {len(chosen.records)} entries")
    return needed


def _graphql(keys: Block, document: Any, chosen: Candidate, about: About) -> None:
    connection = ".".join(chosen.steps[1:-1])
    keys.put("protocol", "graphql", "guess: a Relay connection below data")
    keys.put("path", about.path or "/graphql", "" if about.path else "guess: the usual one")
    keys.put("connection", connection)
    keys.put("size", max(len(chosen.records), 1), "guess: as many came")
    keys.put(
        "query",
        selection(chosen.steps[1:-1], chosen.records, document),
        "guess: what the sample holds; arguments may be more",
    )


def _xml_section(root: Any, name: str, about: About) -> Section:
    if is_oai(root):
        return Section(*oai_section(root, name, about))
    prefixes = Prefixes()
    feed = {"rss": "rss", "rdf:RDF": "rss", "atom:feed": "atom"}.get(prefixes.step(root.tag))
    found = record_elements(root, prefixes)
    if not found:
        raise Malformed(f"{name} is XML without elements that could be records; it needs one at least")
    keys, needed, defaults = Block(), [], {}
    path, elements = found[0]
    if feed is not None:
        model = model_of(feed)
        defaults = dict(model.default_fields()) if model else {}
        path, elements = next((one for one in found if one[0].endswith(("item", "entry"))), found[0])
        keys.put("protocol", "files", f"guess: {name} is a feed")
        keys.put("files", about.path or "/feed.xml", "" if about.path else "needed: the path of the feed at the origin")
        needed = [] if about.path else [f"{about.section}.files"]
        keys.put("format", feed)
    else:
        keys.put("protocol", "rest")
        needed = draft_request(keys, about, Block())
        keys.put("as", "xml")
        keys.put("records", path, f"guess: the element that comes most often, {len(elements)} times")
        for other, more in found[1:MOST_CANDIDATES]:
            keys.remark(f"records could also be {shown(other, 80)} ({len(more)} elements)")
    shaped = [made if isinstance(made := shape(one, prefixes), dict) else {} for one in elements]
    if prefixes.declared:
        keys.put("namespaces" if feed is None else "format", prefixes.declared if feed is None else feed)
    language = XPathLanguage(prefixes.declared if feed is None else {})
    gone = _gone(shaped, True)
    return Section(keys, Material(elements, shaped, language, xpath, about.origin, defaults, gone), needed=needed)
