"""Which fields of a record a section maps, and which share of the records read each of them fills."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from connectors.manifest.sections import Section, UsageSection
from connectors.manifest.targets import targets
from connectors.records import Accepted, HarvestPage


@dataclass(frozen=True, slots=True)
class FieldCoverage:
    """Whether a field of a resource is mapped; `filled` is its share of the records looked at, 0 to 1, None offline."""

    field: str
    required: bool
    mapped: bool
    filled: float | None = None


def coverage(section: Section, pages: Iterable[HarvestPage[Any]] = ()) -> tuple[FieldCoverage, ...]:
    """The fields of what a section makes, in the order of the schema; shares are of the records accepted."""
    mapped = _beside_fields(section) | section.fields.keys()
    accepted = [one for page in pages for one in page.accepted]
    return tuple(
        FieldCoverage(name, target.required, name in mapped, _share(name, accepted))
        for name, target in targets(section.target()).items()
    )


def _beside_fields(section: Section) -> set[str]:
    """What a usage section maps under other keys than `fields`."""
    if not isinstance(section, UsageSection):
        return set()
    sketched = bool(section.sketches or section.sketch_secrets)
    found = {"measure": True, "value": True, "sketch": sketched, "weight": bool(section.weights)}
    return {name for name, mapped in found.items() if mapped}


def _share(name: str, accepted: list[Accepted[Any]]) -> float | None:
    if not accepted:
        return None
    return sum(1 for one in accepted if name in _filled(one.record)) / len(accepted)


def _filled(record: Any) -> set[str]:
    """The fields that the mapping gave, by the names a manifest uses; empty ones do not count."""
    known = type(record).model_fields
    return {
        known[name].alias or name for name in record.model_fields_set if getattr(record, name) not in (None, (), "")
    }
