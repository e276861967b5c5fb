"""Sections at work: raw pages in, pages of mapped records out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any, Generic, TypeVar

from connectors.extraction import truthy
from connectors.manifest.compiled import CompiledMapper
from connectors.manifest.counting import EventCounter
from connectors.manifest.fields import Words
from connectors.manifest.mapping import (
    SkippedRecords,
    blotted,
    kept_id,
    kept_position,
    rejection,
    safe_shape,
)
from connectors.manifest.sections import RecordSection, Section, UsageSection
from connectors.manifest.transforms.reading import CHINA, zone_named
from connectors.manifest.usage_facts import UsageMapper
from connectors.protocols import Broken, RawPage, Upstream, Walk
from connectors.records import Accepted, HarvestPage, HarvestRequest, Rejected, UsageRequest
from connectors.shapes import Profiler
from schema.findings import Finding
from schema.resources import ResourceRecord
from schema.training import TrainingReport
from schema.usage import UsageFact

MAPPED_AT_ONCE = 100
"""Records mapped before others in the process get their turn."""
SPAN = "span"
"""The number of a usage window in checkpoints; pagers have positions called `window`."""
M = TypeVar("M", ResourceRecord, TrainingReport)
Seen = Callable[[str, Accepted[Any] | Rejected | str], None]
"""Told what came (as text) and what it became, for previews."""


def unseen(_raw: str, _outcome: Accepted[Any] | Rejected | str) -> None:
    """Nobody watches."""


class RecordReader(Generic[M]):
    """A harvest or training section, compiled."""

    def __init__(self, section: RecordSection, record: type[M], words: Words, skipped: SkippedRecords) -> None:
        self.section = section
        self._profiler = Profiler()
        self._mapper: CompiledMapper[M] = CompiledMapper(
            record, section.fields, words, deleted=section.deletion_paths, skipped=skipped
        )
        # of a deleted record often nothing is left that `when` could look at
        self._about = _filter(section, words, self._mapper.says_deleted)

    async def pages(
        self, upstream: Upstream, request: HarvestRequest, seen: Seen = unseen
    ) -> AsyncIterator[HarvestPage[M]]:
        """Yield pages until the listing is complete."""
        incremental = self.section.incremental
        parameters = incremental.parameters(request.since) if incremental and request.since else {}
        walk = Walk(request.since, None, request.checkpoint, parameters)
        async for raw in self.section.complete_pages(upstream, walk):
            yield await self._page(raw, upstream.exchange.secrets, seen)

    async def _page(self, raw: RawPage, secrets: Sequence[str], seen: Seen) -> HarvestPage[M]:
        accepted: list[Accepted[M]] = []
        rejected = list(_broken(raw.broken, secrets, seen, self._mapper.identify))
        deleted = [native_id for one in raw.deleted if (native_id := kept_id(one)) is not None]
        for record in raw.gone:
            native_id = self._mapper.identify(record)
            text = self._mapper.raw_text(record, secrets)
            if native_id is not None:
                deleted.append(native_id)
            else:
                rejected.append(rejection(None, (_GONE_WITHOUT_ID,), text, secrets))
            seen(text, rejected[-1] if native_id is None else native_id)
        async for record in _in_turns(self._about(raw.records)):
            outcome = self._mapper.map(record, secrets)
            if isinstance(outcome, Accepted):
                accepted.append(outcome)
            elif isinstance(outcome, Rejected):
                rejected.append(outcome)
            else:
                deleted.append(outcome)
            if seen is not unseen:
                seen(self._mapper.raw_text(record, secrets), outcome)
        shape = safe_shape(self._profiler.shape(raw.records), secrets)
        position = kept_position(raw.checkpoint, secrets)
        return HarvestPage(tuple(accepted), tuple(rejected), tuple(deleted), position, raw.expected, shape)


class UsageReader:
    """A usage section, compiled."""

    def __init__(self, section: UsageSection, words: Words, skipped: SkippedRecords) -> None:
        self.section = section
        self._words = words
        self._about = _filter(section, words)
        self._skipped = skipped
        self._profiler = Profiler()
        self._mapper = UsageMapper(section, words, skipped)

    async def pages(
        self, upstream: Upstream, request: UsageRequest, seen: Seen = unseen
    ) -> AsyncIterator[HarvestPage[UsageFact]]:
        """Yield pages of facts, window by window; events are counted to the end of a window before they are facts."""
        position = dict(request.checkpoint or {})
        done = int(position.pop(SPAN, 0))
        windows = self.section.windows(request.first, request.last)
        for number, (first, last) in enumerate(windows[done:], done):
            span = UsageRequest(first, last, position or None)
            pages = self._counted if self.section.counts else self._rows
            async for page in pages(upstream, span, seen):
                here: dict[str, str | int] = (
                    {SPAN: number + 1} if page.checkpoint is None else {SPAN: number, **page.checkpoint}
                )
                yield replace(page, checkpoint=here)
            position = {}

    def _walk(self, span: UsageRequest) -> Walk:
        window = self.section.window
        zone = zone_named(CHINA)
        since = datetime.combine(span.first, time(), zone).astimezone(UTC)
        until = datetime.combine(span.last, time.max, zone).astimezone(UTC)
        return Walk(since, until, span.checkpoint, window.parameters(span.first, span.last) if window else {})

    async def _rows(self, upstream: Upstream, span: UsageRequest, seen: Seen) -> AsyncIterator[HarvestPage[UsageFact]]:
        async for raw in self.section.complete_pages(upstream, self._walk(span)):
            secrets = upstream.exchange.secrets
            accepted: list[Accepted[UsageFact]] = []
            rejected = list(_broken(raw.broken, secrets, seen))
            async for row in _in_turns(self._about(raw.records)):
                for outcome in self._mapper.map(row, span.first, span.last, secrets):
                    (accepted if isinstance(outcome, Accepted) else rejected).append(outcome)  # type: ignore[arg-type]
                    if seen is not unseen:
                        seen(blotted(self._words.language.text(row), secrets), outcome)
            shape = safe_shape(self._profiler.shape(raw.records), secrets)
            position = kept_position(raw.checkpoint, secrets)
            yield HarvestPage(tuple(accepted), tuple(rejected), (), position, raw.expected, shape)

    async def _counted(
        self, upstream: Upstream, span: UsageRequest, seen: Seen
    ) -> AsyncIterator[HarvestPage[UsageFact]]:
        """The facts at the end; what was counted lives here only, so an interrupted window is counted again."""
        section, days = self.section, (span.first, span.last)
        keys = {
            code: upstream.exchange.secret(name, f"/usage/counts/{code}/sketch/secret").encode()
            for code, name in section.sketch_secrets.items()
        }
        counter = EventCounter(section.fields, section.counts, self._words, *days, self._skipped, keys)
        async for raw in section.complete_pages(upstream, replace(self._walk(span), checkpoint=None)):
            secrets = upstream.exchange.secrets
            rejected = list(_broken(raw.broken, secrets, seen))
            async for event in _in_turns(self._about(raw.records)):
                outcome = counter.add(event, secrets)
                if outcome is not None:
                    rejected.append(outcome)
                    seen(outcome.raw, outcome)
            shape = safe_shape(self._profiler.shape(raw.records), upstream.exchange.secrets)
            yield HarvestPage((), tuple(rejected), (), {}, None, shape)
        facts = tuple(counter.facts())
        for fact in facts if seen is not unseen else ():
            seen(fact.record.model_dump_json(by_alias=True, exclude_none=True), fact)
        yield HarvestPage(facts)


def _filter(
    section: Section, words: Words, also: Callable[[Any], bool] = lambda _: False
) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Keeps the records the section is about, and those of which `also` holds."""
    if section.when is None:
        return lambda records: records
    when = words.language.compile(section.when)
    return lambda records: [record for record in records if truthy(when(record)) or also(record)]


async def _in_turns(records: Sequence[Any]) -> AsyncIterator[Any]:
    """The records, letting others in the process have their turn now and then."""
    for number, record in enumerate(records, 1):
        yield record
        if number % MAPPED_AT_ONCE == 0:
            await asyncio.sleep(0)


def _broken(
    pieces: Iterable[Broken], secrets: Iterable[str], seen: Seen, identify: Callable[[Any], str | None] | None = None
) -> Iterator[Rejected]:
    for piece in pieces:
        native_id = identify(piece.record) if identify is not None and piece.record is not None else None
        outcome = rejection(native_id, (piece.finding,), piece.raw, secrets)
        seen(outcome.raw, outcome)
        yield outcome


_GONE_WITHOUT_ID = Finding("nativeId.missing", "the platform deletes a record whose id is not found")
