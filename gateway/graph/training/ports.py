"""What the graph needs of training records and of the audit log, satisfied where the application is put together."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from gateway.identity import Principal
from gateway.personal import AuditEvent
from gateway.training.questions import RecordDraft, RecordQuestion, ReviewDecision, SummaryQuestion, TeacherQuestion
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


class Training(Protocol):
    """The credit bank as one principal may see it: ids are ours, and what is absent is unknown or not visible.

    Lists and actions raise Forbidden, PurposeRequired, CursorInvalid and InvalidInput.
    """

    async def records_by_id(self, ids: Sequence[str], who: Principal) -> Mapping[str, RecordView]:
        """Records by their ids."""
        ...

    async def records(self, question: RecordQuestion, who: Principal) -> RecordPage:
        """One page of records."""
        ...

    async def teachers_by_id(self, ids: Sequence[str], who: Principal) -> Mapping[str, TeacherView]:
        """Teachers by their ids."""
        ...

    async def teachers(self, question: TeacherQuestion, who: Principal) -> TeacherPage:
        """One page of teachers."""
        ...

    async def transcript(
        self, teacher: str, on: date | None, region: str | None, who: Principal
    ) -> TranscriptView | None:
        """The cycle of a teacher that holds a day, under the rules of a region."""
        ...

    async def history(self, records: Sequence[str], who: Principal) -> Mapping[str, Sequence[RecordEventView]]:
        """Events of records, oldest first."""
        ...

    async def ledger(self, records: Sequence[str], who: Principal) -> Mapping[str, Sequence[EntryView]]:
        """Every ledger line of records, oldest first."""
        ...

    async def awards(self, records: Sequence[str], who: Principal) -> Mapping[str, EntryView]:
        """Awards of records that are in force."""
        ...

    async def entries_by_id(self, ids: Sequence[str], who: Principal) -> Mapping[str, EntryView]:
        """Ledger lines by their ids."""
        ...

    async def recognitions(self, entries: Sequence[str], who: Principal) -> Mapping[str, Sequence[RecognitionView]]:
        """How ledger lines stand in other regions."""
        ...

    async def same_activity(self, records: Sequence[str], who: Principal) -> Mapping[str, SameActivityView]:
        """Other reports of the activities of records; absent where nobody else reports it."""
        ...

    async def certificates(self, records: Sequence[str], who: Principal) -> Mapping[str, CertificateView]:
        """Certificates of records."""
        ...

    async def certificates_by_id(self, ids: Sequence[str], who: Principal) -> Mapping[str, CertificateView]:
        """Certificates by their ids."""
        ...

    async def rules(self, region: str | None, on: date | None) -> Sequence[CreditRule]:
        """Rules of a region that are in force on a day; all where None is given. Anybody may ask."""
        ...

    async def rules_by_id(self, ids: Sequence[str]) -> Mapping[str, CreditRule]:
        """Rules by their ids, such as `cq-course-hours@1`."""
        ...

    async def verify_certificate(self, credential: str) -> VerificationView:
        """What a check of a credential finds. Anybody may ask."""
        ...

    async def summary(self, question: SummaryQuestion, who: Principal) -> SummaryPage:
        """One page of a summary."""
        ...

    async def record_training(self, draft: RecordDraft, key: str, who: Principal) -> RecordView:
        """Enter a record by hand; the same key and body return the first answer."""
        ...

    async def correct(
        self, record: str, expected_version: int, reason: str, draft: RecordDraft, key: str, who: Principal
    ) -> RecordView:
        """A new version of a record; raises VersionConflict where it has moved on."""
        ...

    async def review(
        self, records: Sequence[str], decision: ReviewDecision, note: str | None, who: Principal
    ) -> ReviewOutcome:
        """Decide about records, each by itself."""
        ...

    async def revoke(self, record: str, reason: str, who: Principal) -> RecordView:
        """Take a record back."""
        ...

    async def recognize(
        self, entry: str, region: str, decision: RecognitionState | None, note: str | None, who: Principal
    ) -> EntryView:
        """Decide about a line's credit in a receiving region; without a decision its rules decide."""
        ...

    async def issue_certificate(self, record: str, who: Principal) -> CertificateView:
        """The certificate of a record, made where there is none yet."""
        ...


class Audit(Protocol):
    """The audit log."""

    async def note(self, *events: AuditEvent) -> None:
        """Write lines; raises where that fails, so that nothing unrecorded is answered."""
        ...
