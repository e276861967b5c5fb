"""Sharing agreements and an audit log in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.access.agreements import AgreementDraft, AgreementView
from gateway.errors import Forbidden, InvalidInput, StateImpossible
from gateway.identity import Principal, Role
from gateway.personal import AuditEvent, RegionReach
from schema.credit import AgreementState
from tests.gateway.graph.training.facts import AGREEMENTS

SIDES = (Role.TRAINING_OFFICER, Role.ADMIN)


@dataclass
class MemoryAgreements:
    """Agreements by id."""

    stored: dict[str, AgreementView] = field(default_factory=lambda: {one.id: one for one in AGREEMENTS})

    def shown_to(self, who: Principal) -> tuple[RegionReach, ...]:
        """What agreements in force show a principal for the purpose they state."""
        return tuple(
            RegionReach(one.from_region, frozenset(one.fields), one.to_region)
            for one in self.stored.values()
            if one.state is AgreementState.ACTIVE
            and who.purpose in one.purposes
            and who.holds((Role.TRAINING_OFFICER,), one.to_region)
        )

    async def list(
        self, who: Principal, regions: Sequence[str] | None, states: Sequence[AgreementState] | None
    ) -> Sequence[AgreementView]:
        if not who.regions_of(*SIDES):
            raise Forbidden("agreements are for training officers and administrators")
        return [
            one
            for one in self.stored.values()
            if (regions is None or {one.from_region, one.to_region} & set(regions))
            and (states is None or one.state in states)
        ]

    async def by_id(self, who: Principal, ids: Sequence[str]) -> Mapping[str, AgreementView]:
        return {one.id: one for one in await self.list(who, None, None) if one.id in ids}

    async def propose(self, who: Principal, draft: AgreementDraft) -> AgreementView:
        if not who.holds(SIDES, draft.from_region):
            raise Forbidden("agreements are proposed by one of their sides")
        if not draft.basis.strip():
            raise InvalidInput("basis: name the legal basis or the separate consent")
        view = AgreementView(
            id="agreement-3",
            from_region=draft.from_region,
            to_region=draft.to_region,
            purposes=draft.purposes,
            fields=draft.fields,
            valid_from=draft.valid_from,
            valid_to=draft.valid_to,
            state=AgreementState.PROPOSED,
            basis=draft.basis,
        )
        self.stored[view.id] = view
        return view

    async def accept(self, who: Principal, agreement: str) -> AgreementView:
        return self._moved(who, agreement, AgreementState.ACTIVE, frozenset({AgreementState.PROPOSED}))

    async def revoke(self, who: Principal, agreement: str, reason: str) -> AgreementView:
        if not reason.strip():
            raise InvalidInput("reason: say why")
        return self._moved(
            who, agreement, AgreementState.REVOKED, frozenset({AgreementState.PROPOSED, AgreementState.ACTIVE})
        )

    def _moved(
        self, who: Principal, agreement: str, state: AgreementState, possible: frozenset[AgreementState]
    ) -> AgreementView:
        view = self.stored.get(agreement)
        if view is None:
            raise InvalidInput("agreementId: this is not the id of an agreement you may act on")
        if not any(who.holds(SIDES, side) for side in (view.from_region, view.to_region)):
            raise Forbidden("agreements are for their two sides")
        if view.state not in possible:
            raise StateImpossible(f"agreementId: the agreement is {view.state}")
        self.stored[agreement] = replace(view, state=state)
        return self.stored[agreement]


@dataclass
class MemoryAudit:
    """Lines as they were written, one list for each call; `fails` stands for a log that cannot be written."""

    noted: list[tuple[AuditEvent, ...]] = field(default_factory=list)
    fails: bool = False

    async def note(self, *events: AuditEvent) -> None:
        if self.fails:
            raise OSError("the disk is full")
        self.noted.append(events)

    @property
    def shown(self) -> dict[str, set[str]]:
        """Fields by subject, over all lines."""
        found: dict[str, set[str]] = {}
        for event in (one for call in self.noted for one in call):
            for subject in event.subjects:
                found.setdefault(subject, set()).update(event.fields)
        return found
