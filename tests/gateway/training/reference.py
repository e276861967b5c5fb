"""A slow, independent credit bank: what the ledger must add up to, from the rows of records alone.

It knows the words of the schema and nothing of the product's own code. What it must remember between two postings is
by which rule each award in force was made, and on what.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from schema.credit import CapScope, CreditRule, RoundingMode
from schema.regions import region_tree

Row = Mapping[str, Any]
INPUTS = ("kind", "level", "form", "role", "starts_on", "quantity", "unit", "outcome", "region")
INPUTS_TOO = ("resource_platform", "resource_native_id")
SESSION = ("platform", "activity_id", "starts_on", "role")
ENTERED = ("platform", "activity_key", "kind", "role", "starts_on", "quantity", "unit")


@dataclass(frozen=True)
class Due:
    """An award that must be in force."""

    hours: Decimal
    rule: str
    inputs: tuple[Any, ...]
    account_id: str
    account: str
    kind: str
    day: date


@dataclass
class Reference:
    """What must be in force after each posting of everybody concerned."""

    samples: bool = True
    due: dict[str, Due] = field(default_factory=dict)

    def replay(
        self,
        records: Iterable[Row],
        persons: Mapping[str, str],
        rules: list[CreditRule],
        retired: list[CreditRule],
        approved: set[tuple[str, str]],
    ) -> dict[str, Due]:
        """Awards by record, of records of accounts that belong to persons; `approved` are resources."""
        listed = sorted(records, key=lambda row: (row["starts_on"], row["created_at"], row["id"]))
        known = {rule.id: rule for rule in (*rules, *retired)}
        while True:
            found: dict[str, Due] = {}
            for person in sorted(set(persons.values())):
                mine = [row for row in listed if persons[row["account_id"]] == person]
                bench = Bench(mine, listed, persons, approved, lambda row: self._rule(row, rules, known))
                found |= self._person(bench)
            kept = {row["id"] for row in listed if row["id"] in self.due and self.due[row["id"]].inputs == _inputs(row)}
            if kept <= found.keys():
                self.due = found
                return found
            # who loses an award loses the rule that it kept, which may turn what follows from it
            self.due = {name: due for name, due in self.due.items() if name not in kept - found.keys()}

    def _person(self, bench: "Bench") -> dict[str, Due]:
        found: dict[str, Due] = {}
        used: dict[Any, Decimal] = defaultdict(Decimal)
        for row in bench.mine:
            due = self.due.get(row["id"]) if row["erased_at"] else None
            if not row["erased_at"] and bench.credited(row):
                rule = bench.rule_of(row)
                if rule is not None and not bench.second(row, rule):
                    due = _award(row, rule, used, bench.everyone, bench.persons)
            if due is not None:
                found[row["id"]] = due
                for scope in _scopes(due.account, due.kind, due.day).values():
                    used[scope] += due.hours
        return found

    def _rule(self, row: Row, rules: list[CreditRule], known: Mapping[str, CreditRule]) -> CreditRule | None:
        before = self.due.get(row["id"])
        if before is not None and before.inputs == _inputs(row):
            return known[before.rule]
        path = region_tree().path(row["region"]) if row["region"] else ()
        valid = [
            r
            for r in rules
            if r.region in path and r.valid_from <= row["starts_on"] and (r.valid_to or date.max) >= row["starts_on"]
        ]
        fitting = [
            r
            for r in valid
            if r.unit == row["unit"]
            and all(getattr(r, key) in (None, row[key]) for key in ("kind", "role", "level", "form"))
            and (
                not r.sample
                or (
                    self.samples
                    and not any(
                        not o.sample and o.account == r.account and path.index(o.region) >= path.index(r.region)
                        for o in valid
                    )
                )
            )
        ]

        def rank(r: CreditRule) -> tuple[Any, ...]:
            criteria = [r.kind, r.role, r.level, r.form]
            return (
                r.sample,
                -path.index(r.region),
                criteria.count(None),
                -r.valid_from.toordinal(),
                -r.version,
                r.code,
            )

        return min(fitting, key=rank, default=None)


def _inputs(row: Row) -> tuple[Any, ...]:
    return tuple(row[key] for key in (*INPUTS, *INPUTS_TOO))


def _alive(row: Row) -> bool:
    return row["state"] not in ("REJECTED", "REVOKED") and not row["withdrawn_at"] and not row["erased_at"]


def _counts(row: Row, approved: set[tuple[str, str]]) -> bool:
    done = _alive(row) and row["state"] == "RECOGNIZED" and row["outcome"] not in ("FAILED", "IN_PROGRESS")
    made = (row["resource_platform"], row["resource_native_id"])
    return done and (row["kind"] != "RESOURCE_DEVELOPMENT" or made in approved)


def _preference(row: Row, approved: set[tuple[str, str]]) -> tuple[Any, ...]:
    unsure = not (_alive(row) and row["state"] == "RECOGNIZED")
    return (
        unsure,
        not _counts(row, approved),
        row["ends_on"] is None,
        row["program"] is None,
        row["starts_on"],
        row["id"],
    )


@dataclass(frozen=True)
class Bench:
    """Records of one person among those of everyone, and which rule converts a record."""

    mine: list[Row]
    everyone: list[Row]
    persons: Mapping[str, str]
    approved: set[tuple[str, str]]
    rule_of: Callable[[Row], CreditRule | None]

    def credited(self, row: Row) -> bool:
        """Whether it counts and is the preferred report of its activity: one that earns before one that does not."""
        if not _counts(row, self.approved):
            return False
        group = next(group for group in groups(self.mine, self.approved) if row in group)

        def rank(one: Row) -> tuple[Any, ...]:
            unsure, idle, *others = _preference(one, self.approved)
            return unsure, idle, not self.earns(one), *others

        return min(group, key=rank) == row

    def earns(self, row: Row) -> bool:
        """Whether some rule gives it an award."""
        rule = self.rule_of(row) if _counts(row, self.approved) else None
        return rule is not None and _award(row, rule, defaultdict(Decimal), self.everyone, self.persons) is not None

    def second(self, row: Row, rule: CreditRule) -> bool:
        """Whether the same teacher has a heavier, or an equal and earlier, part in the same resource that counts."""
        if row["kind"] != "RESOURCE_DEVELOPMENT":
            return False
        own = (-_weight(rule, row["role"]), row["starts_on"], row["created_at"], row["id"])
        for other in self.mine:
            same = all(other[key] == row[key] for key in (*INPUTS_TOO, "kind"))
            if same and other is not row and not other["erased_at"] and self.credited(other):
                by = self.rule_of(other)
                if by is not None:
                    theirs = (-_weight(by, other["role"]), other["starts_on"], other["created_at"], other["id"])
                    if theirs < own:
                        return True
        return False


def groups(mine: list[Row], approved: set[tuple[str, str]]) -> list[list[Row]]:
    """Reports of one activity each: every step joins the one nearest pair that may be joined."""
    clusters: list[list[Row]] = []
    for row in filter(_alive, mine):
        twins = [
            c
            for c in clusters
            if (row["activity_id"] or not row["platform"])
            and all(c[0][key] == row[key] for key in (SESSION if row["platform"] else ENTERED))
        ]
        if twins:
            twins[0].append(row)
        else:
            clusters.append([row])
    joined = [[cluster] for cluster in clusters]
    while True:
        steps = []
        for a in range(len(joined)):
            for b in range(len(joined)):
                platforms = [c[0]["platform"] for c in (*joined[a], *joined[b])]
                if a < b and len(set(platforms)) == len(platforms):
                    near = [
                        distance
                        for x in joined[a]
                        for y in joined[b]
                        if (distance := _distance(_speaker(x, approved), _speaker(y, approved))) is not None
                    ]
                    steps += [(min(near), a, b)] if near else []
        if not steps:
            return [[row for cluster in group for row in cluster] for group in joined]
        _, a, b = min(steps)
        joined[a] += joined.pop(b)


def _speaker(cluster: list[Row], approved: set[tuple[str, str]]) -> Row:
    return min(cluster, key=lambda one: _preference(one, approved))


def _distance(x: Row, y: Row) -> tuple[Any, ...] | None:
    if x["activity_key"] != y["activity_key"] or x["kind"] != y["kind"]:
        return None
    (a, b), (c, d) = ((r["starts_on"], r["ends_on"] or r["starts_on"]) for r in (x, y))
    gap = max((c - b).days, (a - d).days, 0)
    if gap > (31 if x["ends_on"] is None or y["ends_on"] is None else 1):
        return None
    return x["role"] != y["role"], gap, abs((a - c).days), abs((b - d).days), *sorted((x["id"], y["id"]))


def _weight(rule: CreditRule, role: str) -> Fraction:
    if not rule.shares:
        return Fraction(1)
    return next((Fraction(share.weight) for share in rule.shares if share.role == role), Fraction())


def _award(
    row: Row, rule: CreditRule, used: Mapping[Any, Decimal], everyone: list[Row], persons: Mapping[str, str]
) -> Due | None:
    exact = Fraction(row["quantity"]) * Fraction(rule.hours_per_unit)
    if row["kind"] == "RESOURCE_DEVELOPMENT":
        heaviest: dict[str, Fraction] = defaultdict(Fraction)
        for other in everyone:
            named = all(other[key] == row[key] for key in (*INPUTS_TOO, "kind"))
            done = other["outcome"] not in ("FAILED", "IN_PROGRESS") and not other["withdrawn_at"]
            if named and done and other["state"] == "RECOGNIZED":
                who = persons[other["account_id"]]
                heaviest[who] = max(heaviest[who], _weight(rule, other["role"]))
        total = sum(heaviest.values(), Fraction())
        if not total:
            return None
        exact = exact * _weight(rule, row["role"]) / total
    if not exact:
        return None
    scopes = _scopes(rule.account, row["kind"], row["starts_on"])
    got = {scope: Fraction(used[name]) for scope, name in scopes.items()}
    rooms = [Fraction(cap.hours) - got.get(cap.scope, Fraction()) for cap in rule.caps]
    lowest = max(min([exact, *rooms]), Fraction())
    step = Fraction(rule.rounding.step)
    hours = _round(lowest / step, rule.rounding.mode) * step
    if any(hours > max(room, Fraction()) for room in rooms):
        hours = floor(lowest / step) * step
    exactly = Decimal(hours.numerator) / Decimal(hours.denominator)
    return Due(exactly, rule.id, _inputs(row), row["account_id"], rule.account, row["kind"], row["starts_on"])


def _round(steps: Fraction, mode: RoundingMode) -> int:
    whole, rest = floor(steps), steps - floor(steps)
    if mode is RoundingMode.DOWN:
        return whole
    if mode is RoundingMode.UP:
        return ceil(steps)
    if rest != Fraction(1, 2):
        return whole + (rest > Fraction(1, 2))
    return whole + (mode is RoundingMode.HALF_UP or whole % 2)


def _scopes(account: str, kind: str, day: date) -> dict[CapScope, tuple[Any, ...]]:
    cycle = (day.year + 4) // 5
    return {
        CapScope.YEAR: (account, day.year),
        CapScope.KIND_PER_YEAR: (account, day.year, kind),
        CapScope.CYCLE: (account, "cycle", cycle),
    }
