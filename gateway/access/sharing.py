"""What the sides of a sharing agreement do: propose, accept, revoke and list; each step is audited, refused or not."""

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
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
from gateway.errors import Forbidden, GatewayError, InvalidInput, StateImpossible
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
        now = self._clock()
        async with self._audited(who, Action.PROPOSE_AGREEMENT):
            if who.regions_of(*roles):
                check_regions(draft)
            _require(who, Action.PROPOSE_AGREEMENT, sides)
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
        action, now, found = Action.ACCEPT_AGREEMENT, self._clock(), await self._found(agreement)
        async with self._audited(who, action, found):
            stored = _listed(who, action, found, agreement)
            _require(who, action, (stored.other_side,))
            if who.name == stored.proposed_by:
                raise Forbidden(f"{action}: you proposed it; somebody else has to accept it for the other side")
            _check_state(action, stored)

            def work(connection: Connection) -> AgreementView:
                if not store.activate(connection, agreement, who.name, now):
                    raise _overtaken(connection, action, agreement, now)
                self._write(connection, now, who, action, stored)
                return replace(stored.view, state=AgreementState.ACTIVE)

            return await self._database.transact(work)

    async def revoke(self, who: Principal, agreement: str, reason: str) -> AgreementView:
        """End an agreement at once, or withdraw a proposal, by either side.

        Raises Forbidden, InvalidInput and StateImpossible.
        """
        action, now, found = Action.REVOKE_AGREEMENT, self._clock(), await self._found(agreement)
        async with self._audited(who, action, found):
            stored = _listed(who, action, found, agreement)
            _require(who, action, stored.sides)
            why = written("reason", reason, LONGEST_REASON, "say why it ends")
            _check_state(action, stored)

            def work(connection: Connection) -> AgreementView:
                if not store.end(connection, agreement, who.name, why, now):
                    raise _overtaken(connection, action, agreement, now)
                self._write(connection, now, who, action, stored)
                return replace(stored.view, state=AgreementState.REVOKED)

            return await self._database.transact(work)

    @asynccontextmanager
    async def _audited(
        self, who: Principal, action: Action, about: StoredAgreement | None = None
    ) -> AsyncIterator[None]:
        """Write whatever refuses a step into the audit log, after its transaction was rolled back."""
        try:
            yield
        except GatewayError as refusal:
            subjects = () if about is None else (_subject(about.view.id),)
            await self._audit.note_refusal(who, action, refusal, subjects)
            raise

    async def _found(self, agreement: str) -> StoredAgreement | None:
        async with self._database.reading() as connection:
            found = await connection.run_sync(store.found, [agreement], today(self._clock()))
        return found.get(agreement)

    def _write(
        self, connection: Connection, now: datetime, who: Principal, action: Action, stored: StoredAgreement
    ) -> None:
        detail = {"from_region": stored.view.from_region, "to_region": stored.view.to_region}
        subjects, fields = (_subject(stored.view.id),), stored.view.fields
        event = AuditEvent(who.name, who.purpose, action, AuditOutcome.ALLOWED, subjects, fields, detail)
        self._audit.append(connection, now, event)


def _listed(who: Principal, action: Action, found: StoredAgreement | None, agreement: str) -> StoredAgreement:
    """The agreement that was found; one that is not listed to the principal is as if it did not exist."""
    if found is not None and sees_agreement(who, found.sides):
        return found
    if not who.regions_of(*ACTIONS[action].roles):
        _require(who, action, ())
    raise InvalidInput(
        f"agreementId: {agreement[:100]!r} is not the id of an agreement you may act on; sharingAgreements lists them"
    )


def _require(who: Principal, action: Action, sides: Sequence[str]) -> None:
    """Raise what refuses an action on an agreement of these sides."""
    if refusal := refusal_of(who, action, *sides):
        raise refusal


def _check_state(action: Action, stored: StoredAgreement) -> None:
    if stored.view.state not in _POSSIBLE[action][1]:
        raise _impossible(action, stored)


def _overtaken(connection: Connection, action: Action, agreement: str, now: datetime) -> StateImpossible:
    """What the state that another one reached first does not allow."""
    return _impossible(action, store.found(connection, [agreement], today(now))[agreement])


def _impossible(action: Action, stored: StoredAgreement) -> StateImpossible:
    return StateImpossible(f"agreementId: the agreement is {stored.view.state}; {_POSSIBLE[action][0]}")


def _subject(agreement: str) -> str:
    return f"SharingAgreement:{agreement}"
