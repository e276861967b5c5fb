"""How the hours of one resource are split among those who developed it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from gateway.training.credit.claims import Claim
from gateway.training.credit.conversion import Share, weight_of
from gateway.training.ports import ResourceName
from schema.credit import CreditRule
from schema.training import TrainingRole

Developers = Mapping[ResourceName, Mapping[str, frozenset[TrainingRole]]]
"""For each resource the persons whose records name it, and in which roles."""


def developers(contributions: Iterable[tuple[ResourceName, str, TrainingRole]]) -> Developers:
    """Contributions (resource, person, role) by resource and person."""
    found: dict[ResourceName, dict[str, set[TrainingRole]]] = defaultdict(lambda: defaultdict(set))
    for resource, person, role in contributions:
        found[resource][person].add(role)
    return {name: {who: frozenset(roles) for who, roles in whose.items()} for name, whose in found.items()}


def share_of(claim: Claim, rule: CreditRule, known: Developers) -> Share | None:
    """The claim's share by a rule; a person weighs once, by their heaviest role. None where no resource is named."""
    if not claim.develops or claim.resource is None:
        return None
    weights = [max(weight_of(rule, role) for role in roles) for roles in known.get(claim.resource, {}).values()]
    heavy = [weight for weight in weights if weight > 0]
    return Share(weight_of(rule, claim.role), sum(heavy, Decimal()), len(heavy))
