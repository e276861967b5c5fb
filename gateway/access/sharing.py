"""What the sides of a sharing agreement do: propose, accept, revoke and list; each step stands in the audit log."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from gateway.access import agreement_store as store
from gateway.access.agreement_store import StoredAgreement
from gateway.access.agreements import (
    LONGEST_REASON,
    AgreementDraft,
    AgreementView,
    check_regions,
    checked,
    today,
    written,
)
from gateway.access.audit import AuditLog
from gateway.access.policies import ACTIONS, refusal_of, refusal_to_list, sees_agreement
from gateway.clock import Clock
from gateway.errors import Forbidden, InvalidInput, StateImpossible
from gateway.identity import Principal
from gateway.personal import Action, AuditEvent, AuditOutcome
from gateway.storage import Database
from schema.credit import AgreementState

_POSSIBLE = {
    Action.ACCEPT_AGREEMENT: ("only a proposed one can be accepted; propose another", {AgreementState.PROPOSED}),
    Action.REVOKE_AGREEMENT: (
        "only a proposed or active one can be revoked; it shares nothing any more",
        {AgreementState.PROPOSED, AgreementState.ACTIVE},
    ),
}


class Agreements:
    """Sharing agreements. Nothing is remembered between calls, so that each step holds at once."""

    def __init__(self, database: Database, audit: AuditLog, clock: Clock) -> None:
        self._database, self._audit, self._clock = database, audit, clock

    async def list(
        self, who: Principal, regions: Sequence[str] | None, states: Sequence[AgreementState] | None
    ) -> Sequence[AgreementView]:
        """Agreements with one of these regions as a side and in one of these states, newest first; None asks for all.

        Only those of the principal's own regions; raises Forbidden for who has no role that sees agreements.
        """
        if refusal := refusal_to_list(who):
            raise refusal
        async with self._database.reading() as connection:
            found = await connection.run_sync(store.listed, regions, today(self._clock()))
        return [
            view
            for view in found
            if sees_agreement(who, (view.from_region, view.to_region)) and (states is None or view.state in states)
        ]

    async def by_id(self, who: Principal, ids: Sequence[str]) -> Mapping[str, AgreementView]:
        """Agreements by their ids; absent where unknown or not listed to the principal. Raises Forbidden as `list`."""
        if refusal := refusal_to_list(who):
            raise refusal
        async with self._database.reading() as connection:
            found = await connection.run_sync(store.found, ids, today(self._clock()))
        return {each: stored.view for each, stored in found.items() if sees_agreement(who, stored.sides)}

    async def in_force(self) -> Sequence[AgreementView]:
        """Those that share something today."""
        day = today(self._clock())
        async with self._database.reading() as connection:
            return store.views((await connection.execute(store.in_force(day))).all(), day)

    async def propose(self, who: Principal, draft: AgreementDraft) -> AgreementView:
        """A new agreement, for the side that the principal's grants cover; the other side has to accept it.

        Where they cover both it is for the region that shares. Raises Forbidden and InvalidInput.
        """
        roles, sides = ACTIONS[Action.PROPOSE_AGREEMENT].roles, (draft.from_region, draft.to_region)
        if who.regions_of(*roles):
            check_regions(draft)
        await self._require(who, Action.PROPOSE_AGREEMENT, sides)
        now = self._clock()
        kept = checked(draft, today(now))
        side = next(side for side in sides if who.holds(roles, side))

        def work(connection: Connection) -> AgreementView:
            made = store.add(connection, secrets.token_hex(16), kept, who.name, side, now)
            self._write(connection, now, who, Action.PROPOSE_AGREEMENT, made)
            return made.view

        return await self._database.transact(work)

    async def accept(self, who: Principal, agreement: str) -> AgreementView:
        """Put a proposal into force, by the other side and under another name than it was proposed.

        Raises Forbidden, InvalidInput and StateImpossible.
        """
        stored = await self._standing(who, Action.ACCEPT_AGREEMENT, agreement)
        await self._require(who, Action.ACCEPT_AGREEMENT, (stored.other_side,), agreement)
        if who.name == stored.proposed_by:
            refusal = Forbidden("acceptAgreement: you proposed it; somebody else has to accept it for the other side")
            await self._audit.note_refusal(who, Action.ACCEPT_AGREEMENT, refusal, (_subject(agreement),))
            raise refusal
        now = self._clock()
        _check_state(Action.ACCEPT_AGREEMENT, stored)

        def work(connection: Connection) -> AgreementView:
            if not store.activate(connection, agreement, who.name, now):
                self._overtaken(connection, Action.ACCEPT_AGREEMENT, agreement, now)
            self._write(connection, now, who, Action.ACCEPT_AGREEMENT, stored)
            return replace(stored.view, state=AgreementState.ACTIVE)

        return await self._database.transact(work)

    async def revoke(self, who: Principal, agreement: str, reason: str) -> AgreementView:
        """End an agreement at once, or withdraw a proposal, by either side.

        Raises Forbidden, InvalidInput and StateImpossible.
        """
        stored = await self._standing(who, Action.REVOKE_AGREEMENT, agreement)
        await self._require(who, Action.REVOKE_AGREEMENT, stored.sides, agreement)
        why, now = written("reason", reason, LONGEST_REASON, "say why it ends"), self._clock()
        _check_state(Action.REVOKE_AGREEMENT, stored)

        def work(connection: Connection) -> AgreementView:
            if not store.end(connection, agreement, who.name, why, now):
                self._overtaken(connection, Action.REVOKE_AGREEMENT, agreement, now)
            self._write(connection, now, who, Action.REVOKE_AGREEMENT, stored)
            return replace(stored.view, state=AgreementState.REVOKED)

        return await self._database.transact(work)

    async def _standing(self, who: Principal, action: Action, agreement: str) -> StoredAgreement:
        """The agreement as it stands; one that is not listed to the principal is as if it did not exist."""
        async with self._database.reading() as connection:
            found = await connection.run_sync(store.found, [agreement], today(self._clock()))
        stored = found.get(agreement)
        if stored is None or not sees_agreement(who, stored.sides):
            if not who.regions_of(*ACTIONS[action].roles):
                await self._require(who, action, ())
            raise InvalidInput(
                f"agreementId: {agreement[:100]!r} is not the id of an agreement you may act on; "
                "sharingAgreements lists them"
            )
        return stored

    async def _require(
        self, who: Principal, action: Action, sides: Sequence[str], agreement: str | None = None
    ) -> None:
        """Raise what refuses an action on an agreement of these sides, after it was written into the audit log."""
        if refusal := refusal_of(who, action, *sides):
            subjects = () if agreement is None else (_subject(agreement),)
            await self._audit.note_refusal(who, action, refusal, subjects)
            raise refusal

    def _overtaken(self, connection: Connection, action: Action, agreement: str, now: datetime) -> None:
        """Raise what the state that another one reached first does not allow."""
        _check_state(action, store.found(connection, [agreement], today(now))[agreement])

    def _write(
        self, connection: Connection, now: datetime, who: Principal, action: Action, stored: StoredAgreement
    ) -> None:
        detail = {"from_region": stored.view.from_region, "to_region": stored.view.to_region}
        subjects, fields = (_subject(stored.view.id),), stored.view.fields
        event = AuditEvent(who.name, who.purpose, action, AuditOutcome.ALLOWED, subjects, fields, detail)
        self._audit.append(connection, now, event)


def _check_state(action: Action, stored: StoredAgreement) -> None:
    why, possible = _POSSIBLE[action]
    if stored.view.state not in possible:
        raise StateImpossible(f"agreementId: the agreement is {stored.view.state}; {why}")


def _subject(agreement: str) -> str:
    return f"SharingAgreement:{agreement}"
