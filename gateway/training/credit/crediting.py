"""Actions on credit: a receiving region decides about an award, and a record is certified."""

from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.clock import Clock
from gateway.errors import Forbidden, InvalidInput
from gateway.identity import Principal
from gateway.personal import RECORD_FIELDS, Action, AuditEvent, AuditOutcome
from gateway.storage import Database
from gateway.training.certificates import Issuer, KeyRing, issue
from gateway.training.credit.recognition import decide
from gateway.training.credit.rules import known_region
from gateway.training.ports import Guard
from gateway.training.reading.by_id import LINES_SHOWN, entries_by_id, shown
from gateway.training.texts import check_note
from schema.quality import RecognitionState


@dataclass(frozen=True, slots=True)
class CreditActions:
    """Each asks the guard first, and writes its audit line in the transaction of what it does."""

    database: Database
    clock: Clock
    guard: Guard
    keys: KeyRing
    issuer: Issuer
    samples: bool

    async def recognize(
        self, entry: str, region: str, decision: RecognitionState | None, note: str | None, who: Principal
    ) -> None:
        """Decide for a region about an award in force.

        Raises Forbidden, PurposeRequired, InvalidInput and StateImpossible.
        """
        receiving = known_region(region)[-1]
        await self.guard.require(who, Action.RECOGNIZE, receiving)
        note = check_note("note", note)
        reach = await self.guard.reach(who)
        async with self.database.reading() as connection:
            line = (await connection.run_sync(entries_by_id, [entry], reach)).get(entry)
            records = [] if line is None else [line.record]
            regions = await connection.run_sync(shown, records, reach, LINES_SHOWN)
        if line is None or line.record not in regions:
            raise InvalidInput(f"entryId: {entry[:100]!r} is not the id of a ledger line you may act on")
        if receiving not in await self.guard.receivers(regions[line.record]):
            raise Forbidden(
                f"recognizeCredit: no agreement in force lets {receiving} decide about credit of this record's region"
            )

        def decided(connection: Connection) -> None:
            now = self.clock()
            decide(connection, now, entry, receiving, decision, note, who.name, samples=self.samples)
            self.guard.append(connection, now, _done(who, Action.RECOGNIZE, line.record, entry=entry, region=receiving))

        await self.database.transact(decided)

    async def certify(self, record: str, who: Principal) -> str:
        """Issue a certificate, or find the one in force; answers its id.

        Raises Forbidden, PurposeRequired, InvalidInput, Erased and StateImpossible.
        """
        reach = await self.guard.reach(who)
        async with self.database.reading() as connection:
            regions = await connection.run_sync(shown, [record], reach, RECORD_FIELDS)
        if record in regions or reach.is_empty:
            await self.guard.require(who, Action.CERTIFY, regions.get(record))
        if record not in regions:  # not told apart from one that does not exist
            raise InvalidInput(f"recordId: {record[:100]!r} is not the id of a training record you may act on")

        def issued(connection: Connection) -> str:
            now = self.clock()
            certificate = issue(connection, now, record, who.name, self.keys, self.issuer)
            self.guard.append(connection, now, _done(who, Action.CERTIFY, record, certificate=certificate))
            return certificate

        return await self.database.transact(issued)


def _done(who: Principal, action: Action, record: str, **detail: str) -> AuditEvent:
    subjects = (f"TrainingRecord:{record}",)
    return AuditEvent(who.name, who.purpose, action, AuditOutcome.ALLOWED, subjects, detail=detail)
