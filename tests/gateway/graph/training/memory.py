"""The credit bank in memory: answers by brute force, decides as policies do, and counts its calls."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from gateway.errors import CursorInvalid, Erased, Forbidden, InvalidInput, NotShared, PurposeRequired, StateImpossible
from gateway.identity import Principal, Role
from gateway.personal import PERSONAL_FIELDS, Decision, Reach, RegionReach
from gateway.training.errors import IdempotencyKeyReused, VersionConflict
from gateway.training.questions import RecordDraft, RecordQuestion, ReviewDecision, SummaryQuestion, TeacherQuestion
from gateway.training.views import (
    CertificateView,
    EntryView,
    RecognitionView,
    RecordEventView,
    RecordPage,
    RecordView,
    Refused,
    ReviewOutcome,
    SameActivityView,
    SourceView,
    SummaryPage,
    TeacherPage,
    TeacherView,
    TranscriptView,
    VerificationView,
)
from schema.credit import CreditRule
from schema.parts import Organization
from schema.quality import Level, RecognitionState
from schema.training import RecordState
from tests.gateway.graph.training.agreements import MemoryAgreements
from tests.gateway.graph.training.facts import CREDENTIAL, NATIVE_IDS, NOON, RULE, Facts
from tests.gateway.graph.training.summaries import summary_page

OUTCOMES = {
    ReviewDecision.REVIEW: RecordState.REVIEWED,
    ReviewDecision.RECOGNIZE: RecordState.RECOGNIZED,
    ReviewDecision.REJECT: RecordState.REJECTED,
}
OPEN = {"id", "state", "version", "region", "decision"}


@dataclass
class MemoryTraining:
    """Everything the graph needs of training."""

    agreements: MemoryAgreements
    facts: Facts = field(default_factory=Facts)
    calls: Counter[str] = field(default_factory=Counter)
    questions: list[object] = field(default_factory=list)

    def reach(self, who: Principal) -> Reach:
        """Officers see their regions for a stated purpose, and what agreements name."""
        regions = who.regions_of(Role.TRAINING_OFFICER)
        if regions and who.purpose is None:
            return Reach(PurposeRequired("state a purpose in `Shanhai-Purpose`"), teacher=who.teacher)
        own = tuple(RegionReach(region, PERSONAL_FIELDS) for region in regions)
        shared = self.agreements.shown_to(who)
        refusal = NotShared("no sharing agreement names this field") if shared else Forbidden("this is for officers")
        return Reach(refusal, own + shared, who.teacher)

    def decide(self, view: RecordView, who: Principal) -> Decision:
        """What may be shown of a record; of an erased one nothing but that it is there."""
        decision = self.reach(who).of(view.region, view.teacher)
        if view.id in self.facts.erased and decision.visible:
            return Decision(frozenset({"TrainingRecord.ledger"}), Erased("this was erased"))
        return decision

    def seen(self, view: RecordView, who: Principal) -> RecordView | None:
        """A record without what is withheld; None where it is as if it did not exist."""
        decision = self.decide(view, who)
        if not decision.visible:
            return None
        shown = {one.partition(".")[2].lower() for one in decision.fields}
        hidden = {
            name: () if name == "evidence" else None
            for name in RecordView.__slots__
            if name not in OPEN and name.replace("_", "") not in shown
        }
        return replace(view, decision=decision, **hidden)  # type: ignore[arg-type]  # names of fields

    def met(self, view: TeacherView, who: Principal) -> TeacherView | None:
        """A teacher without what is withheld."""
        decision = self.reach(who).of(view.region, view.id)
        if not decision.visible:
            return None
        hidden = {name: None for name in ("name", "region", "school") if f"Teacher.{name}" not in decision.fields}
        return replace(view, decision=decision, **hidden)  # type: ignore[arg-type]  # names of fields

    async def records_by_id(self, ids: Sequence[str], who: Principal) -> Mapping[str, RecordView]:
        self.calls["records_by_id"] += 1
        stored = self.facts.records
        return {name: seen for name in ids if name in stored and (seen := self.seen(stored[name], who))}

    async def teachers_by_id(self, ids: Sequence[str], who: Principal) -> Mapping[str, TeacherView]:
        self.calls["teachers_by_id"] += 1
        stored = self.facts.teachers
        return {name: seen for name in ids if name in stored and (seen := self.met(stored[name], who))}

    async def records(self, question: RecordQuestion, who: Principal) -> RecordPage:
        self._asked("records", question, who)
        wanted = question.filter
        found = [
            seen
            for view in self.facts.records.values()
            if (seen := self.seen(view, who))
            and question.teacher in (None, view.teacher)
            and (wanted.states is None or view.state in wanted.states)
            and (wanted.first is None or (view.starts_on is not None and view.starts_on >= wanted.first))
            and (wanted.recognition is None or self._stands(view, wanted.recognition.states))
        ]
        start, end = _span(question.first, question.after, len(found))
        rows = found[start:end]
        platforms = Counter(row.platform for row in rows if row.platform)
        totals = Counter(row.platform for row in found if row.platform)
        return RecordPage(
            rows=tuple(rows),
            cursors=tuple(f"c{at}" for at in range(start, end)),
            total=len(found),
            has_next=end < len(found),
            has_previous=start > 0,
            sources=tuple(SourceView(one, platforms[one], totals[one], NOON) for one in sorted(totals)),
        )

    def _stands(self, view: RecordView, states: Sequence[RecognitionState]) -> bool:
        award = self.facts.awards.get(view.id, "")
        return any(one.state in states for one in self.facts.recognitions.get(award, ()))

    def _asked(self, name: str, question: object, who: Principal) -> None:
        self.calls[name] += 1
        self.questions.append(question)
        reach = self.reach(who)
        if reach.is_empty:
            raise reach.refusal

    async def teachers(self, question: TeacherQuestion, who: Principal) -> TeacherPage:
        self._asked("teachers", question, who)
        found = [
            seen
            for view in self.facts.teachers.values()
            if (seen := self.met(view, who)) and question.native_id in (None, NATIVE_IDS[view.id])
        ]
        start, end = _span(question.first, question.after, len(found))
        cursors = tuple(f"c{at}" for at in range(start, end))
        return TeacherPage(tuple(found[start:end]), cursors, len(found), end < len(found), start > 0)

    async def transcript(
        self, teacher: str, on: date | None, region: str | None, who: Principal
    ) -> TranscriptView | None:
        self.calls["transcript"] += 1
        year = (on or NOON.date()).year
        entries = tuple(
            entry for entry in self.facts.entries.values() if self.facts.records[entry.record].teacher == teacher
        )
        hours = sum((entry.hours for entry in entries), Decimal(0))
        return TranscriptView(
            date(year - year % 5, 1, 1),
            date(year - year % 5 + 4, 12, 31),
            region or "500000",
            Decimal(360),
            hours,
            hours >= Decimal(360),
            entries,
            ((Level.DISTRICT, hours),),
        )

    async def history(self, records: Sequence[str], who: Principal) -> Mapping[str, Sequence[RecordEventView]]:
        self.calls["history"] += 1
        return dict.fromkeys(records, self.facts.events)

    async def ledger(self, records: Sequence[str], who: Principal) -> Mapping[str, Sequence[EntryView]]:
        self.calls["ledger"] += 1
        return {name: [one for one in self.facts.entries.values() if one.record == name] for name in records}

    async def awards(self, records: Sequence[str], who: Principal) -> Mapping[str, EntryView]:
        self.calls["awards"] += 1
        return {name: self.facts.entries[self.facts.awards[name]] for name in records if name in self.facts.awards}

    async def entries_by_id(self, ids: Sequence[str], who: Principal) -> Mapping[str, EntryView]:
        self.calls["entries_by_id"] += 1
        return {name: self.facts.entries[name] for name in ids if name in self.facts.entries}

    async def recognitions(self, entries: Sequence[str], who: Principal) -> Mapping[str, Sequence[RecognitionView]]:
        self.calls["recognitions"] += 1
        return {name: self.facts.recognitions.get(name, ()) for name in entries}

    async def same_activity(self, records: Sequence[str], who: Principal) -> Mapping[str, SameActivityView]:
        self.calls["same_activity"] += 1
        return {
            name: SameActivityView("joint-1", "the report of the higher level is kept", group)
            for group in self.facts.groups
            for name in records
            if name in group
        }

    async def certificates(self, records: Sequence[str], who: Principal) -> Mapping[str, CertificateView]:
        self.calls["certificates"] += 1
        return {one.record: one for one in self.facts.certificates.values() if one.record in records}

    async def certificates_by_id(self, ids: Sequence[str], who: Principal) -> Mapping[str, CertificateView]:
        self.calls["certificates_by_id"] += 1
        return {name: self.facts.certificates[name] for name in ids if name in self.facts.certificates}

    async def rules(self, region: str | None, on: date | None) -> Sequence[CreditRule]:
        return [RULE] if region in (None, RULE.region) and (on is None or on >= RULE.valid_from) else []

    async def rules_by_id(self, ids: Sequence[str]) -> Mapping[str, CreditRule]:
        return {name: RULE for name in ids if name == RULE.id}

    async def verify_certificate(self, credential: str) -> VerificationView:
        if credential == CREDENTIAL:
            return VerificationView(True, None, "https://gateway.example/credentials/issuer", "joint-1")
        return VerificationView(False, "the signature does not fit", None, None)

    async def summary(self, question: SummaryQuestion, who: Principal) -> SummaryPage:
        self.calls["summary"] += 1
        self.questions.append(question)
        if not who.regions_of(Role.ANALYST, Role.TRAINING_OFFICER, Role.ADMIN):
            raise Forbidden("summaries are for analysts, training officers and administrators")
        return summary_page(question)

    async def record_training(self, draft: RecordDraft, key: str, who: Principal) -> RecordView:
        teacher = self.facts.teachers.get(draft.teacher)
        if teacher is None:
            raise InvalidInput("teacherId: this is not the id of a teacher you may act on")
        self._may_act(teacher.region, who)
        body = repr(draft)
        if self.facts.requests.setdefault(key, body) != body:
            raise IdempotencyKeyReused("idempotencyKey: it came with another body")
        name = f"entered-{key}"
        self.facts.records.setdefault(name, _entered(draft, name, teacher.region, 1))
        return self._now(name, who)

    async def correct(
        self, record: str, expected_version: int, reason: str, draft: RecordDraft, key: str, who: Principal
    ) -> RecordView:
        stored = self._acted_on(record, who)
        if stored.version != expected_version:
            raise VersionConflict(f"expectedVersion: the record is at version {stored.version} now")
        self.facts.records[record] = _entered(draft, record, stored.region, stored.version + 1)
        return self._now(record, who)

    async def review(
        self, records: Sequence[str], decision: ReviewDecision, note: str | None, who: Principal
    ) -> ReviewOutcome:
        done, refused = [], []
        for at, name in enumerate(records):
            try:
                stored = self._acted_on(name, who)
                if stored.state is not RecordState.REPORTED:
                    raise StateImpossible(f"the record is {stored.state}; only REPORTED ones can be reviewed")
            except (InvalidInput, StateImpossible) as error:
                refused.append(Refused(at, error.code, error.message))
                continue
            self.facts.records[name] = replace(stored, state=OUTCOMES[decision])
            done.append(self._now(name, who))
        return ReviewOutcome(tuple(done), tuple(refused))

    async def revoke(self, record: str, reason: str, who: Principal) -> RecordView:
        stored = self._acted_on(record, who)
        if stored.state is RecordState.REVOKED:
            raise StateImpossible("recordId: the record is REVOKED already")
        self.facts.records[record] = replace(stored, state=RecordState.REVOKED, version=stored.version + 1)
        return self._now(record, who)

    async def recognize(
        self, entry: str, region: str, decision: RecognitionState | None, note: str | None, who: Principal
    ) -> EntryView:
        self._may_act(region, who)
        if entry not in self.facts.entries:
            raise InvalidInput("entryId: this is not the id of a ledger line you may act on")
        state = decision or RecognitionState.RECOGNIZED
        self.facts.recognitions[entry] = [RecognitionView(region, state, Decimal("4.5"), RULE, NOON, note)]
        return self.facts.entries[entry]

    async def issue_certificate(self, record: str, who: Principal) -> CertificateView:
        stored = self._acted_on(record, who)
        if stored.state is not RecordState.RECOGNIZED:
            raise StateImpossible(f"recordId: the record is {stored.state}; only RECOGNIZED ones can be certified")
        return next(one for one in self.facts.certificates.values() if one.record == record)

    def _acted_on(self, record: str, who: Principal) -> RecordView:
        stored = self.facts.records.get(record)
        if stored is None or not self.decide(stored, who).visible:
            raise InvalidInput("recordId: this is not the id of a training record you may act on")
        self._may_act(stored.region, who)
        return stored

    def _may_act(self, region: str | None, who: Principal) -> None:
        if not who.holds((Role.TRAINING_OFFICER,), region):
            raise Forbidden("this is for training officers of the region")
        if who.purpose is None:
            raise PurposeRequired("state a purpose in `Shanhai-Purpose`")

    def _now(self, record: str, who: Principal) -> RecordView:
        seen = self.seen(self.facts.records[record], who)
        assert seen is not None
        return seen


def _entered(draft: RecordDraft, name: str, region: str | None, version: int) -> RecordView:
    values = {one: getattr(draft, one) for one in RecordDraft.__slots__ if one not in ("issuer", "evidence")}
    return RecordView(
        id=name,
        state=RecordState.REPORTED,
        version=version,
        region=region,
        decision=Decision(frozenset(), Erased("not decided yet")),
        native_id=name,
        issuer=Organization(name=draft.issuer),
        **values,
    )


def _span(first: int, after: str | None, length: int) -> tuple[int, int]:
    if after is not None and not (after.startswith("c") and after[1:].isdecimal()):
        raise CursorInvalid(f"after: {after!r} is no cursor of this list")
    start = 0 if after is None else int(after[1:]) + 1
    return min(start, length), min(start + first, length)
