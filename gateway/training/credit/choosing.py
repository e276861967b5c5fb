"""Which rule converts a record, in the region it belongs to or in one that recognizes it."""

from collections.abc import Iterable

from gateway.training.credit.claims import Claim
from gateway.training.credit.rules import is_valid
from schema.credit import CreditAccount, CreditRule
from schema.regions import region_tree


def choose(
    rules: Iterable[CreditRule],
    claim: Claim,
    region: str | None,
    *,
    samples: bool,
    account: CreditAccount | None = None,
) -> CreditRule | None:
    """The rule that fits best: a real one before a sample, then the nearest region, then the more criteria are set,
    then the later validity, the higher version and the code. None where none fits.

    A sample is used only where `samples` is on and no real rule of the same account is valid that day in the sample's
    region or a nearer one, whatever it is for: who published rules gets no invented ones beside them.
    """
    depth = {code: place for place, code in enumerate(_around(region))}
    near = [
        rule
        for rule in rules
        if rule.region in depth and is_valid(rule, claim.starts_on) and account in (None, rule.account)
    ]
    deepest: dict[CreditAccount, int] = {}
    for rule in near:
        if not rule.sample:
            deepest[rule.account] = max(depth[rule.region], deepest.get(rule.account, -1))
    fitting = [
        rule
        for rule in near
        if _fits(rule, claim) and (not rule.sample or (samples and depth[rule.region] > deepest.get(rule.account, -1)))
    ]
    best = sorted(fitting, key=lambda rule: (rule.code, -rule.version))
    return max(best, key=lambda rule: _weight(rule, depth[rule.region]), default=None)


def _around(region: str | None) -> tuple[str, ...]:
    """The region and those around it, from the nation down; what belongs nowhere is under no rule."""
    found = None if region is None else region_tree().current(region)
    return () if found is None else region_tree().path(found.code)


def _fits(rule: CreditRule, claim: Claim) -> bool:
    wanted = ((rule.kind, claim.kind), (rule.role, claim.role), (rule.level, claim.level), (rule.form, claim.form))
    return rule.unit is claim.unit and all(asked is None or asked is said for asked, said in wanted)


def _weight(rule: CreditRule, depth: int) -> tuple[object, ...]:
    criteria = sum(each is not None for each in (rule.kind, rule.role, rule.level, rule.form))
    return not rule.sample, depth, criteria, rule.valid_from, rule.version
