"""Rules and claims as tests of the credit bank want them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from gateway.training.credit.claims import Claim
from schema.credit import CapScope, CreditCap, CreditRule, RoleShare, Rounding, RoundingMode
from schema.quality import Level
from schema.training import Outcome, QuantityUnit, RecordState, TrainingForm, TrainingKind, TrainingRole


def rule(code: str = "course", **fields: Any) -> CreditRule:
    """One hour for each hour of anything in 重庆 since 2020, with any field said otherwise."""
    said = {"region": "500000", "valid_from": date(2020, 1, 1), "unit": "HOUR", "hours_per_unit": "1", "source": "测试"}
    return CreditRule.model_validate({"code": code, **said, **fields})


def cap(scope: CapScope, hours: str | int) -> CreditCap:
    """A cap."""
    return CreditCap(scope=scope, hours=Decimal(hours))


def rounding(step: str, mode: RoundingMode) -> Rounding:
    """Rounding."""
    return Rounding(step=Decimal(step), mode=mode)


def shares(**weights: int) -> tuple[RoleShare, ...]:
    """Shares by the names of roles."""
    return tuple(RoleShare(role=TrainingRole(role), weight=Decimal(weight)) for role, weight in weights.items())


def claim(name: str = "r1", **fields: Any) -> Claim:
    """A recognized course of 8 hours in 渝中 on 2026-03-01, with any field said otherwise."""
    said: dict[str, Any] = {
        "id": name,
        "account_id": "a1",
        "person": "p1",
        "platform": "chongqing",
        "region": "500103",
        "activity_key": name,
        "activity_id": None,
        "kind": TrainingKind.COURSE,
        "level": Level.DISTRICT,
        "form": TrainingForm.ONLINE,
        "role": TrainingRole.PARTICIPANT,
        "starts_on": date(2026, 3, 1),
        "ends_on": date(2026, 3, 1),
        "quantity": Decimal(8),
        "unit": QuantityUnit.HOUR,
        "outcome": Outcome.COMPLETED,
        "program": None,
        "resource": None,
        "state": RecordState.RECOGNIZED,
        "created_at": datetime(2026, 4, 1, tzinfo=UTC),
        **fields,
    }
    return Claim(**said)
