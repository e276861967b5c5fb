"""What a page changes: which records are new, changed, the same or gone; the content hash decides, no connector."""

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from connectors.records import Accepted, HarvestPage, Rejected
from gateway.harvesting.quarantine import quarantine_key
from gateway.harvesting.runs import RunCounts
from schema.access import Access


@dataclass(frozen=True, slots=True)
class PreparedRecord:
    """An accepted record as it would be stored."""

    accepted: Accepted
    access: Access
    body: bytes
    unmapped: str
    content_hash: bytes

    @property
    def native_id(self) -> str:
        """The platform's own id."""
        return self.accepted.record.native_id


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """What has to be known of a stored record to tell whether a new version differs."""

    content_hash: bytes
    withdrawn: bool


@dataclass(slots=True)
class PageChanges:
    """What one page changes; `met` are the keys that the run had not met before."""

    created: list[PreparedRecord] = field(default_factory=list)
    updated: list[PreparedRecord] = field(default_factory=list)
    rejected: dict[str, Rejected] = field(default_factory=dict)
    accepted: list[Accepted] = field(default_factory=list)
    """Records met for the first time in this run, changed or not."""
    deleted: list[str] = field(default_factory=list)
    met: list[str] = field(default_factory=list)
    counts: RunCounts = field(default_factory=RunCounts)

    @property
    def written(self) -> list[PreparedRecord]:
        """Records to store."""
        return [*self.created, *self.updated]


@dataclass(frozen=True, slots=True)
class DistinctPage:
    """A page without its duplicates: of equal ids the last one, a deletion before an acceptance before a rejection."""

    accepted: Mapping[str, Accepted]
    rejected: Mapping[str, Rejected]
    deleted: tuple[str, ...]
    duplicates: int

    @property
    def keys(self) -> list[str]:
        """Every key of the page that counts as met."""
        return [*self.accepted, *self.rejected]


def distinct(page: HarvestPage) -> DistinctPage:
    """Resolve duplicates within one page."""
    deleted = tuple(dict.fromkeys(page.deleted))
    gone = set(deleted)
    accepted = {item.record.native_id: item for item in page.accepted if item.record.native_id not in gone}
    rejected = {quarantine_key(item): item for item in page.rejected}
    rejected = {key: item for key, item in rejected.items() if key not in accepted and key not in gone}
    duplicates = len(page.accepted) + len(page.rejected) - len(accepted) - len(rejected)
    return DistinctPage(accepted, rejected, deleted, duplicates)


def prepare(accepted: Accepted, platform_access: Access) -> PreparedRecord:
    """Serialize and hash one record; the effective access counts, so that a platform that closes changes them all."""
    access = platform_access.narrower(accepted.record.access)
    body = accepted.record.to_json()
    unmapped = "[]"
    if accepted.unmapped:
        unmapped = json.dumps([f"{item.field}: {item.value}" for item in accepted.unmapped], ensure_ascii=True)
    digest = hashlib.sha256(body)
    digest.update(unmapped.encode())
    digest.update(access.encode())
    return PreparedRecord(accepted, access, body, unmapped, digest.digest())


def decide(
    page: DistinctPage, prepared: list[PreparedRecord], stored: Mapping[str, StoredRecord], met: Set[str]
) -> PageChanges:
    """Compare a page with what is stored; `met` are its keys that the run has met before."""
    changes = PageChanges(deleted=list(page.deleted), rejected=dict(page.rejected))
    counts = changes.counts
    counts.pages = 1
    counts.duplicates = page.duplicates
    for record in prepared:
        known = stored.get(record.native_id)
        if known is None:
            changes.created.append(record)
        elif known.withdrawn or known.content_hash != record.content_hash:
            changes.updated.append(record)
        if record.native_id in met:
            counts.duplicates += 1
            continue
        changes.accepted.append(record.accepted)
        counts.created += known is None
        counts.updated += known is not None and (known.withdrawn or known.content_hash != record.content_hash)
    fresh_rejects = [key for key in page.rejected if key not in met]
    counts.quarantined = len(fresh_rejects)
    counts.duplicates += len(page.rejected) - len(fresh_rejects)
    counts.unchanged = len(changes.accepted) - counts.created - counts.updated
    counts.seen = len(changes.accepted) + len(fresh_rejects)
    changes.met = [item.record.native_id for item in changes.accepted] + fresh_rejects
    return changes
