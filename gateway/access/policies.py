"""The one place that decides who sees which personal data and who may do what; whatever no table names is refused.

Pure: a principal and the agreements in force go in, a `Reach` or a refusal comes out.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from gateway.access.agreements import AgreementView
from gateway.errors import Forbidden, GatewayError, NotShared, PurposeRequired
from gateway.identity import Grant, Principal, Purpose, Role, Scope
from gateway.personal import PERSONAL_FIELDS, Action, Reach, RegionReach

SHARED_FOR = frozenset(Purpose) - {Purpose.AUDIT}
"""What regions may show each other personal data for; audits stay within a region."""
SEEN_FOR: Mapping[Role, frozenset[Purpose]] = {
    Role.TRAINING_OFFICER: SHARED_FOR,
    Role.ADMIN: frozenset({Purpose.COMPLAINT, Purpose.AUDIT}),
}
"""Purposes for which a role sees all personal data of the region it was granted in; other roles see none."""
RECEIVER = Role.TRAINING_OFFICER
"""The role that is shown what an agreement shares, where it covers the whole receiving region."""
LISTED_TO = (Role.TRAINING_OFFICER, Role.ADMIN, Role.ANALYST)
"""Roles that see which agreements there are; agreements hold no personal data."""
_KEY = "ask the operator for a key with role TRAINING_OFFICER in it"


@dataclass(frozen=True, slots=True)
class ActionRule:
    """Who may do something: one of these roles in the region, for one of these purposes; None asks for no purpose."""

    roles: tuple[Role, ...]
    purposes: frozenset[Purpose] | None


_ADMINISTRATION = frozenset({Purpose.TRAINING_ADMINISTRATION, Purpose.COMPLAINT})
_OF_RECORDS = ActionRule((Role.TRAINING_OFFICER,), _ADMINISTRATION)
_OF_AGREEMENTS = ActionRule((Role.TRAINING_OFFICER, Role.ADMIN), None)
ACTIONS: Mapping[Action, ActionRule] = {
    Action.RECORD: _OF_RECORDS,
    Action.CORRECT: _OF_RECORDS,
    Action.REVIEW: ActionRule((Role.TRAINING_OFFICER,), _ADMINISTRATION | {Purpose.CREDIT_RECOGNITION}),
    Action.REVOKE: _OF_RECORDS,
    Action.RECOGNIZE: ActionRule((Role.TRAINING_OFFICER,), frozenset({Purpose.CREDIT_RECOGNITION})),
    Action.CERTIFY: ActionRule(
        (Role.TRAINING_OFFICER,), frozenset({Purpose.CERTIFICATION, Purpose.TRAINING_ADMINISTRATION})
    ),
    Action.PROPOSE_AGREEMENT: _OF_AGREEMENTS,
    Action.ACCEPT_AGREEMENT: _OF_AGREEMENTS,
    Action.REVOKE_AGREEMENT: _OF_AGREEMENTS,
}
"""The region is that of the record, the one that decides about credit, or a side of the agreement."""
_REGION_IS_SAID = frozenset({Action.RECOGNIZE, *(action for action, rule in ACTIONS.items() if rule is _OF_AGREEMENTS)})
"""Actions on regions that the principal names or is listed; that of a record or teacher may be withheld from them."""


def reach_of(who: Principal, in_force: Iterable[AgreementView]) -> Reach:
    """What a principal may be shown, by their grants, the purpose they state and the agreements in force."""
    own = tuple(RegionReach(region, PERSONAL_FIELDS) for region in _regions_seen(who))
    shared = tuple(
        RegionReach(agreement.from_region, PERSONAL_FIELDS.intersection(agreement.fields), agreement.to_region)
        for agreement in in_force
        if who.purpose in SHARED_FOR.intersection(agreement.purposes) and who.holds((RECEIVER,), agreement.to_region)
    )
    teacher = who.teacher if _holds(who, (Role.TEACHER,)) else None
    return Reach(_refusal_to_show(who, bool(own), bool(shared)), own + shared, teacher)


def refusal_of(who: Principal, action: Action, *regions: str | None) -> GatewayError | None:
    """Why a principal may not do something in any of these regions; None where they may.

    Forbidden by role, scope or region, and PurposeRequired where only the purpose is missing or does not fit.
    """
    rule = ACTIONS.get(action)
    if rule is None or not _holds(who, rule.roles):
        wanted = " or ".join(rule.roles) if rule else "no role"
        return Forbidden(f"{action} is for {wanted}; ask the operator for a key with that role in the region")
    if Scope.WRITE not in who.scopes:
        return Forbidden(f"{action} changes something, and your key is good for reading only; use one with scope WRITE")
    if rule.purposes is not None and who.purpose not in rule.purposes:
        return _purpose_required(str(action), who.purpose, rule.purposes)
    if not any(who.holds(rule.roles, region) for region in regions):
        named = " or ".join(region or "everywhere" for region in regions)
        where = f"region {named}" if action in _REGION_IS_SAID else "the region of this record or teacher"
        return Forbidden(f"{action}: your grants do not cover {where}; another key or its own officers may do it")
    return None


def refusal_to_list(who: Principal) -> Forbidden | None:
    """Why a principal may not see any agreement; None where those of their regions are listed to them."""
    if _holds(who, LISTED_TO):
        return None
    return Forbidden(
        f"sharing agreements are listed to {', '.join(LISTED_TO)}; ask the operator for a key with such a role"
    )


def sees_agreement(who: Principal, sides: Collection[str]) -> bool:
    """Whether an agreement between these regions is listed: one of them covers, or lies in, a region of the grants."""
    return any(
        grant.covers(side) or Grant(grant.role, side).covers(grant.region)
        for grant in who.grants
        if grant.role in LISTED_TO
        for side in sides
    )


def may_receive(who: Principal) -> bool:
    """Whether agreements may show a principal anything at all."""
    return who.purpose in SHARED_FOR and _holds(who, (RECEIVER,))


def receivers_of(region: str | None, in_force: Iterable[AgreementView]) -> tuple[str, ...]:
    """Regions that may decide about credit of this one, by these agreements; sorted."""
    deciding = {
        agreement.to_region
        for agreement in in_force
        if Purpose.CREDIT_RECOGNITION in agreement.purposes
        and RegionReach(agreement.from_region, frozenset()).covers(region)
    }
    return tuple(sorted(deciding))


def givers_of(receiver: str, in_force: Iterable[AgreementView]) -> tuple[str, ...]:
    """Regions about whose credit, and that of all inside them, this one may decide, by these agreements; sorted."""
    giving = {
        agreement.from_region
        for agreement in in_force
        if Purpose.CREDIT_RECOGNITION in agreement.purposes and agreement.to_region == receiver
    }
    return tuple(sorted(giving))


def _regions_seen(who: Principal) -> tuple[str | None, ...]:
    fitting = [role for role, purposes in SEEN_FOR.items() if who.purpose in purposes]
    return who.regions_of(*fitting)


def _refusal_to_show(who: Principal, own: bool, shared: bool) -> GatewayError:
    """What stands for everything that is not shown."""
    purposes = frozenset[Purpose]().union(*(SEEN_FOR.get(grant.role, ()) for grant in who.grants))
    if shared:
        return NotShared("no sharing agreement in force names this field for the region and purpose you ask for")
    if own:
        return Forbidden(f"no agreement in force shows your region this one; {_KEY}, or propose an agreement")
    if purposes:
        return _purpose_required("personal data", who.purpose, purposes)
    if _holds(who, (Role.TEACHER,)):
        missing = "" if who.teacher else ", and your credentials do not say which one you are"
        return Forbidden(f"teachers see their own records only{missing}; for a region, {_KEY}")
    return Forbidden(f"training records are for officers of the region and the teacher themselves; {_KEY}")


def _purpose_required(what: str, stated: Purpose | None, fitting: Iterable[Purpose]) -> PurposeRequired:
    found = "and you stated none" if stated is None else f"and {stated} does not fit your role"
    listed = ", ".join(purpose for purpose in Purpose if purpose in frozenset(fitting))
    return PurposeRequired(f"{what} needs a purpose, {found}; send the header Shanhai-Purpose with one of {listed}")


def _holds(who: Principal, roles: Collection[Role]) -> bool:
    """Whether one of these roles was granted anywhere at all."""
    return any(grant.role in roles for grant in who.grants)
