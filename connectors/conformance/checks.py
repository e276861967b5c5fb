"""The checks on the first pages of a live listing, as data: run by the command line, in tests and at registration."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from connectors.records import HarvestPage
from schema.findings import Finding, Severity

MOST_REJECTED = 0.2
MOST_UNMAPPED = 0.5
KINDS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its stable code, what it asks in words, and the question itself."""

    code: str
    asks: str
    run: Callable[[Sequence[HarvestPage]], Iterable[Finding]]


def _holds_records(pages: Sequence[HarvestPage]) -> Iterable[Finding]:
    if not any(page.accepted or page.rejected or page.deleted for page in pages):
        yield Finding("live.empty", "the listing holds no records; look at harvest.request and harvest.records")


def _accepts_most(pages: Sequence[HarvestPage]) -> Iterable[Finding]:
    accepted = sum(len(page.accepted) for page in pages)
    rejected = [record for page in pages for record in page.rejected]
    if not rejected:
        return
    share = len(rejected) / (accepted + len(rejected))
    reasons = Counter(finding.code for record in rejected for finding in record.findings)
    named = ", ".join(f"{code} ({count})" for code, count in reasons.most_common(KINDS_NAMED))
    yield Finding(
        "live.rejected",
        f"{len(rejected)} of {accepted + len(rejected)} records do not validate: {named}",
        severity=Severity.ERROR if share > MOST_REJECTED else Severity.WARNING,
    )


def _knows_the_words(pages: Sequence[HarvestPage]) -> Iterable[Finding]:
    accepted = [record for page in pages for record in page.accepted]
    unmapped = Counter((note.field, note.value) for record in accepted for note in record.unmapped)
    touched = Counter(field for record in accepted for field in {note.field for note in record.unmapped})
    for field in sorted(touched):
        values = [value for (name, value), _ in unmapped.most_common() if name == field]
        yield Finding(
            "live.unmapped",
            f"{field}: {len(values)} values that no table knows, in {touched[field]} of {len(accepted)} records",
            severity=Severity.WARNING if touched[field] > MOST_UNMAPPED * len(accepted) else Severity.INFO,
            pointer=f"/harvest/fields/{field.partition('.')[0]}",
            found=", ".join(values[:10]),
        )


def _identifies(pages: Sequence[HarvestPage]) -> Iterable[Finding]:
    counts = Counter(record.record.native_id for page in pages for record in page.accepted)
    twice = [native_id for native_id, count in counts.items() if count > 1]
    if twice:
        yield Finding(
            "live.duplicateId",
            f"{len(twice)} native ids occur more than once; later records would replace earlier ones",
            pointer="/harvest/fields/nativeId",
            found=", ".join(twice[:5]),
        )


def _can_be_resumed(pages: Sequence[HarvestPage]) -> Iterable[Finding]:
    if pages and any(page.checkpoint is None for page in pages):
        yield Finding("live.checkpoint", "a page came without a checkpoint; an interrupted harvest would start again")


CHECKS: tuple[Check, ...] = (
    Check("live.empty", "Does the listing hold records?", _holds_records),
    Check("live.rejected", "Do at least four fifths of the records validate?", _accepts_most),
    Check("live.unmapped", "Do the vocabularies know the platform's words?", _knows_the_words),
    Check("live.duplicateId", "Does a native id stand for one record only?", _identifies),
    Check("live.checkpoint", "Can an interrupted harvest be resumed?", _can_be_resumed),
)
"""Every live check in the order of the report."""
