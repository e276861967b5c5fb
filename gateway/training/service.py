"""The doorway of training: what one principal may see of records, teachers and credit, and what they may do."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from gateway.clock import CHINA, Clock, utc_now
from gateway.errors import Forbidden
from gateway.following import follow
from gateway.identity import Principal
from gateway.keyed import KeyedHash
from gateway.personal import Reach
from gateway.storage import Database, identity
from gateway.training.certificates import Issuer, KeyRing, Published, verify
from gateway.training.credit.crediting import CreditActions
from gateway.training.credit.posting import Posting
from gateway.training.credit.recognition import standing
from gateway.training.credit.rules import known_region, load_rules, synchronize_rules
from gateway.training.ports import Guard, ResourceStates
from gateway.training.questions import (
    RecordDraft,
    RecordFilter,
    RecordQuestion,
    ReviewDecision,
    SummaryQuestion,
    TeacherQuestion,
)
from gateway.training.reading import by_id as reading
from gateway.training.reading import listing
from gateway.training.reading.teachers import teachers
from gateway.training.reading.transcripts import transcript
from gateway.training.records.recording import Records
from gateway.training.summary import summarize
from gateway.training.summary.labels import PlatformName
from gateway.training.views import (
    CertificateView,
    EntryView,
    RecognitionView,
    RecordEventView,
    RecordPage,
    RecordView,
    ReviewOutcome,
    SameActivityView,
    SummaryPage,
    TeacherPage,
    TeacherView,
    TranscriptView,
    VerificationView,
)
from schema.credit import CreditRule
from schema.quality import RecognitionState

SMALLEST_SHOWN = 5
_Value = TypeVar("_Value")
_Asked = ParamSpec("_Asked")
_log = logging.getLogger(__name__)
_UNABLE = "the credit bank could not follow the catalog; trying again in %s s"


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What the operator chooses. `cycle_hours` is what five years require, None where nothing is stated."""

    samples: bool = True
    cycle_hours: Decimal | None = None
    smallest_shown: int = SMALLEST_SHOWN
    platform_name: PlatformName = str


class TrainingService:
    """Made by `open_training`; everything a principal asks for is decided anew by the guard."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        guard: Guard,
        resources: ResourceStates,
        keys: KeyedHash,
        credit: CreditActions,
        options: TrainingOptions,
    ) -> None:
        self._database, self._clock, self._guard = database, clock, guard
        self._resources, self._keys, self._credit, self._options = resources, keys, credit, options
        self.posting = Posting(resources, samples=options.samples)
        self._records = Records(database, clock, guard, self.posting, keys)

    async def records_by_id(self, ids: Sequence[str], who: Principal) -> Mapping[str, RecordView]:
        """Records by id; absent ones are unknown or not visible."""
        return await self._seen(who, reading.records_by_id, ids)

    async def records(self, question: RecordQuestion, who: Principal) -> RecordPage:
        """One page of records; raises what `listing.records` raises."""
        reach = await self._guard.reach(who)
        undecided = () if reach.is_empty else await self._undecided(question.filter)
        return await self._read(listing.records, question, reach, undecided)

    async def teachers_by_id(self, ids: Sequence[str], who: Principal) -> Mapping[str, TeacherView]:
        """Teachers by id; absent ones are unknown or not visible."""
        return await self._seen(who, reading.teachers_by_id, ids)

    async def teachers(self, question: TeacherQuestion, who: Principal) -> TeacherPage:
        """One page of teachers; raises what `teachers.teachers` raises."""
        reach = await self._guard.reach(who)
        return await self._read(teachers, question, reach, self._keys, self._today, self._options.cycle_hours)

    async def transcript(
        self, teacher: str, on: date | None, region: str | None, who: Principal
    ) -> TranscriptView | None:
        """The cycle that holds a day, today by default; None for a teacher who may not be seen."""
        reach = await self._guard.reach(who)
        return await self._read(transcript, teacher, on or self._today, region, reach, self._options.cycle_hours)

    async def history(self, records: Sequence[str], who: Principal) -> Mapping[str, Sequence[RecordEventView]]:
        """Events of records, oldest first."""
        return await self._seen(who, reading.history, records)

    async def ledger(self, records: Sequence[str], who: Principal) -> Mapping[str, Sequence[EntryView]]:
        """Every line of records, oldest first."""
        return await self._seen(who, reading.lines, records)

    async def awards(self, records: Sequence[str], who: Principal) -> Mapping[str, EntryView]:
        """Awards of records that are in force."""
        return await self._seen(who, reading.awards, records)

    async def entries_by_id(self, ids: Sequence[str], who: Principal) -> Mapping[str, EntryView]:
        """Ledger lines by id; absent ones are unknown or not visible."""
        return await self._seen(who, reading.entries_by_id, ids)

    async def recognitions(self, entries: Sequence[str], who: Principal) -> Mapping[str, Sequence[RecognitionView]]:
        """How awards stand in regions that may decide or did; by an agreement only what its own receiver decided."""
        shown = await self._seen(who, reading.decided_views, entries)
        receivers = {region: await self._guard.receivers(region) for region in {region for region, _ in shown.values()}}
        found = await self._read(standing, {name: receivers[region] for name, (region, _) in shown.items()})
        return {
            name: [view for view in views if (only := shown[name][1]) is None or view.region in only]
            for name, views in found.items()
        }

    async def same_activity(self, records: Sequence[str], who: Principal) -> Mapping[str, SameActivityView]:
        """Reports of the activities of records; absent where nobody else reports it, as far as may be seen."""
        reach = await self._guard.reach(who)
        asked = (self._resources, records, reach)
        return await self._read(reading.same_activity, *asked, samples=self._options.samples)

    async def certificates(self, records: Sequence[str], who: Principal) -> Mapping[str, CertificateView]:
        """The newest certificate of each record."""
        return await self._seen(who, reading.certificates, records)

    async def certificates_by_id(self, ids: Sequence[str], who: Principal) -> Mapping[str, CertificateView]:
        """Certificates by id; absent ones are unknown or not visible."""
        return await self._seen(who, reading.certificates_by_id, ids)

    async def rules(self, region: str | None, on: date | None) -> Sequence[CreditRule]:
        """Rules in force, of a region and those around it and valid on a day where given; raises InvalidInput."""
        return (await self._read(load_rules)).listed(region, on)

    async def rules_by_id(self, ids: Sequence[str]) -> Mapping[str, CreditRule]:
        """Rules by id, also those that only older awards rest on."""
        every = (await self._read(load_rules)).by_id
        return {name: every[name] for name in ids if name in every}

    async def verify_certificate(self, credential: str) -> VerificationView:
        """What a check of a credential finds; anybody may ask."""
        return await self._read(verify, credential, self._credit.keys, self._credit.issuer)

    async def summary(self, question: SummaryQuestion, who: Principal) -> SummaryPage:
        """One page of counts and hours; raises what `summary.summarize` raises."""
        options = self._options
        asked = (self._clock(), question, who, self._resources, options.smallest_shown, options.platform_name)
        return await self._read(summarize, *asked)

    async def record_training(self, draft: RecordDraft, key: str, who: Principal) -> RecordView:
        """Enter a record; the same key and body return the first answer."""
        return await self._view(await self._records.record(draft, key, who), who)

    async def correct(
        self, record: str, expected_version: int, reason: str, draft: RecordDraft, key: str, who: Principal
    ) -> RecordView:
        """Make a new version of a record; the same key and body change nothing once more."""
        return await self._view(await self._records.correct(record, expected_version, reason, draft, key, who), who)

    async def review(
        self, records: Sequence[str], decision: ReviewDecision, note: str | None, who: Principal
    ) -> ReviewOutcome:
        """Decide about at most 100 records, each by itself."""
        done = await self._records.review(records, decision, note, who)
        found = await self.records_by_id(done.records, who)
        return ReviewOutcome(tuple(found[name] for name in done.records if name in found), done.refused)

    async def revoke(self, record: str, reason: str, who: Principal) -> RecordView:
        """Take a record back."""
        return await self._view(await self._records.revoke(record, reason, who), who)

    async def recognize(
        self, entry: str, region: str, decision: RecognitionState | None, note: str | None, who: Principal
    ) -> EntryView:
        """Decide for a receiving region about an award; without a decision its rules decide."""
        await self._credit.recognize(entry, region, decision, note, who)
        return (await self.entries_by_id([entry], who))[entry]

    async def issue_certificate(self, record: str, who: Principal) -> CertificateView:
        """The certificate of a record as it stands, made where there is none yet."""
        certificate = await self._credit.certify(record, who)
        return (await self.certificates_by_id([certificate], who))[certificate]

    @property
    def published(self) -> Published:
        """What others check certificates with."""
        return Published(self._database, self._credit.keys, self._credit.issuer)

    async def follow(self, interval: float, stopping: asyncio.Event) -> None:
        """Post what changes of resources call for, every so many seconds, until `stopping` is set."""
        settle = partial(self.posting.settle, self._database, self._clock)
        await follow(settle, interval, stopping, lambda _: _log.exception(_UNABLE, interval))

    @property
    def _today(self) -> date:
        return self._clock().astimezone(CHINA).date()

    async def _undecided(self, wanted: RecordFilter) -> tuple[str, ...]:
        """Regions about whose records, and those of all inside them, the region of a recognition filter may decide."""
        if wanted.recognition is None or RecognitionState.PENDING not in wanted.recognition.states:
            return ()
        return await self._guard.givers(known_region(wanted.recognition.region)[-1])

    async def _view(self, record: str, who: Principal) -> RecordView:
        found = (await self.records_by_id([record], who)).get(record)
        if found is None:
            raise Forbidden("the record is as you asked for, but your grants no longer show it to you")
        return found

    async def _seen(
        self, who: Principal, work: Callable[[Connection, Sequence[str], Reach], _Value], ids: Sequence[str]
    ) -> _Value:
        return await self._read(work, ids, await self._guard.reach(who))

    async def _read(
        self,
        work: Callable[Concatenate[Connection, _Asked], _Value],
        *asked: _Asked.args,
        **named: _Asked.kwargs,
    ) -> _Value:
        async with self._database.reading() as connection:
            return await connection.run_sync(work, *asked, **named)


async def open_training(
    database: Database,
    guard: Guard,
    resources: ResourceStates,
    keys: KeyedHash,
    rules: Iterable[CreditRule],
    certificate_keys: KeyRing,
    *,
    public_url: str | None = None,
    options: TrainingOptions | None = None,
    clock: Clock = utc_now,
) -> TrainingService:
    """Make these the rules in force, and open the doorway; raises InvalidInput where a rule contradicts a known one."""
    chosen = options or TrainingOptions()
    await synchronize_rules(database, clock(), rules)
    issuer = Issuer(public_url, await identity(database, "certificates"))
    credit = CreditActions(database, clock, guard, certificate_keys, issuer, chosen.samples)
    return TrainingService(database, clock, guard, resources, keys, credit, chosen)
