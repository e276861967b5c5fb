"""What two mappers make of a record, compared to the last bit, and the records that are spoiled for them."""

import asyncio
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
from hypothesis import strategies as st

from connectors.context import ConnectorContext
from connectors.manifest import ManifestConnector, ManifestDocument, read_manifest, read_manifest_file
from connectors.manifest.compiled import CompiledMapper
from connectors.manifest.fields import Words
from connectors.manifest.mapping import SkippedRecords
from connectors.manifest.sections import RecordSection
from connectors.platforms import builtin_manifests
from connectors.records import Accepted, HarvestRequest
from connectors.simulators import SIMULATORS
from connectors.transport import in_process
from schema.records import Record

NOW = datetime(2025, 11, 23, 4, 0, tzinfo=UTC)
SECRET = "0123456789abcdefXYZ"
SECRETS = (SECRET, "short", "with 'quotes\" and \\ blanks")
CASES = (
    *((code, "harvest") for code in ("chongqing", "national", "sichuan", "yuzhong", "zibo")),
    *((code, "training") for code in ("chongqing", "neijiang", "sichuan", "yuzhong", "zibo")),
)
"""The sections of the built-in manifests whose records are JSON."""
SPOILED: Sequence[Any] = (
    *(None, True, False, 0, 1, -1, 1.0, 1.5, 0.0, -0.0, 7, 10**15, 10**18, 2**63, 1e308),
    *(1700000000123, "1700000000123", 253402300800000, "１０", "45分钟", "2024"),
    *("", " ", "  数学 ", "数学", "初二", "LESSON", "OTHER", "500103", "999999"),
    *("\x1c数", "a\0b", "\ud800", "\u3000", "a\nb", "a,b,,a", "x.MP4"),
    *("2024-03-01T08:00:00+08:00", "2024-03-01 08:00:00", "2024-03-01"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-23:59"),
    *("https://x.example/a", "https://x.example/a b", "ftp://x"),
    *("<p>课</p> <script>x</script>", "&nbsp;", "课 &amp; 件"),
    *("长" * 101, "长" * 1_001, "长" * 20_001, "x" * 251),
    *(SECRET, f"a {SECRET} b", SECRETS[2], "MDEyMzQ1Njc4OWFiY2RlZlhZWg=="),
    *([], [None], [""], ["数学", "数学"], ["数学", " 语文"], [1, True], [{}], [[]]),
    *(["a"] * 20, ["数学", 1, {"a": 1}], [{"name": "王"}] * 70, [{"name": "王"}] * 2),
    *({}, {"name": "王"}, {"a": {"b": []}}, {"id": 1, "code": "数学", "name": " 名 "}),
)
"""What platforms send where something else is due."""


@dataclass(frozen=True)
class Case:
    """The written code of a section, and what the platform sends."""

    mapper: CompiledMapper[Any]
    records: Sequence[Any]


@cache
def connector(code: str) -> ManifestConnector:
    """That of a built-in manifest."""
    [path] = [path for path in builtin_manifests() if path.name == f"{code}.yaml"]
    found = read_manifest_file(path).connector
    assert found is not None
    return found


@cache
def case(code: str, name: str) -> Case:
    """A section of a built-in manifest with the records of its simulator."""
    document = connector(code).document
    section: RecordSection = getattr(document, name)
    return Case(mapper_of(document, section), asyncio.run(_records(code, name)))


def mapper_of(document: ManifestDocument, section: RecordSection) -> CompiledMapper[Any]:
    """The written code of a section."""
    skipped = SkippedRecords((row.record, row.message) for row in document.failures if row.record)
    words = Words(section.language, document.vocabularies)
    target: Any = section.target()
    return CompiledMapper(target, section.fields, words, deleted=section.deletion_paths, skipped=skipped)


def mapper(text: str) -> CompiledMapper[Any]:
    """The written code of a manifest's harvest."""
    reading = read_manifest(text)
    assert reading.document is not None, reading.findings
    assert reading.connector is not None, reading.findings
    return mapper_of(reading.document, reading.document.harvest)


async def _records(code: str, name: str) -> list[Any]:
    """The records of a platform's simulator, as previews see them."""
    simulator, seen = SIMULATORS[code], list[str]()
    context = ConnectorContext(
        code, in_process(simulator.build(size=60, now=lambda: NOW)), simulator.secrets, lambda: NOW
    )
    reading = connector(code).harvest if name == "harvest" else connector(code).training
    async for _ in reading(context, HarvestRequest(), lambda raw, outcome: seen.append(raw)):
        pass
    return [orjson.loads(raw) for raw in seen if raw.startswith("{")][:80]


def told(outcome: Any) -> Any:
    """An outcome with everything that equality passes over: types, fields that were set, the order of fields."""
    if isinstance(outcome, Accepted):
        record = outcome.record
        return replace(outcome, record=None), repr(outcome.modified_upstream_at), _inside(record), record.to_json()
    return outcome


def _inside(value: Any) -> Any:
    if isinstance(value, Record):
        fields = [(name, _inside(one)) for name, one in value.__dict__.items()]
        return type(value), sorted(value.model_fields_set), fields, value.__pydantic_extra__, value.__pydantic_private__
    if isinstance(value, tuple):
        return tuple(_inside(one) for one in value)
    return type(value), value, repr(value)


def _places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside of a record."""
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [place for key, one in inner for place in ((*here, key), *_places(one, (*here, key)))]


@st.composite
def spoiled(draw: st.DrawFn, sound: Callable[[], Sequence[Any]]) -> Any:
    """A record of which a few values are missing, others, twice there or moved."""
    record = copy.deepcopy(draw(st.sampled_from(sound())))
    for _ in range(draw(st.integers(0, 4))):
        places = _places(record)
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        holder = record
        for key in way:
            holder = holder[key]
        match draw(st.sampled_from(["other", "other", "other", "missing", "twice", "moved"])):
            case "missing":
                del holder[last]
            case "twice" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[last]))
            case "moved":
                taken = record
                for key in draw(st.sampled_from(places)):
                    taken = taken[key] if isinstance(taken, dict | list) and _has(taken, key) else taken
                holder[last] = copy.deepcopy(taken)
            case _:
                holder[last] = copy.deepcopy(draw(st.sampled_from(SPOILED)))
    return record


def _has(holder: Any, key: Any) -> bool:
    return key in holder if isinstance(holder, dict) else isinstance(key, int) and key < len(holder)
