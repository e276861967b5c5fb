"""Why an award has its hours: sentences in Chinese with every number, for teachers and officers to follow."""

import functools
from collections.abc import Mapping
from decimal import Decimal

from gateway.training.credit.claims import Claim, plain
from gateway.training.credit.conversion import Conversion, Share
from schema.credit import CapScope, CreditAccount, CreditCap, CreditRule, RoundingMode
from schema.vocabularies import VocabularyScheme, vocabulary

_CAPS = {
    CapScope.RECORD: "单项上限",
    CapScope.KIND_PER_YEAR: "同类年度上限",
    CapScope.YEAR: "年度上限",
    CapScope.CYCLE: "五年周期上限",
}
_MODES = {
    RoundingMode.DOWN: "向下取整",
    RoundingMode.HALF_UP: "四舍五入",
    RoundingMode.HALF_EVEN: "四舍六入五成双",
    RoundingMode.UP: "向上取整",
}


def explain(
    claim: Claim, rule: CreditRule, got: Mapping[CapScope, Decimal], share: Share | None, made: Conversion
) -> tuple[str, ...]:
    """How the hours came about: the product, each cap that cut, rounding where it changed something, the account."""
    told = [_product(claim, rule, share, made), *(_cut(cap, got, made) for cap in made.caps_hit)]
    if made.hours != made.capped_hours:
        told.append(f"按 {plain(rule.rounding.step)} {_MODES[made.mode]}，计 {plain(made.hours)} 学时")
    if rule.account is CreditAccount.REMOTE_SUPPORT:
        told.append("记入支教账户，不并入继续教育学时")
    return tuple(told)


def _product(claim: Claim, rule: CreditRule, share: Share | None, made: Conversion) -> str:
    """Such as `8 学时 × 1 = 8 学时（规则 cq-course-hours 第1版，示例）`."""
    unit = _label(VocabularyScheme.TRAINING_UNIT, claim.unit)
    factors = f"{plain(claim.quantity)} {unit} × {plain(rule.hours_per_unit)}"
    if claim.develops and share is not None:
        role = _label(VocabularyScheme.TRAINING_ROLE, claim.role)
        factors += f" × 份额 {plain(share.weight)}/{plain(share.total)}（{role}，共 {share.developers} 人）"
    equal = "=" if made.is_exact else "≈"
    sample = "，示例" if rule.sample else ""
    return f"{factors} {equal} {plain(made.uncapped_hours)} 学时（规则 {rule.code} 第{rule.version}版{sample}）"


def _cut(cap: CreditCap, got: Mapping[CapScope, Decimal], made: Conversion) -> str:
    """Such as `年度上限 72，已得 70，本次计 2`."""
    before = "" if cap.scope is CapScope.RECORD else f"，已得 {plain(got.get(cap.scope, Decimal()))}"
    return f"{_CAPS[cap.scope]} {plain(cap.hours)}{before}，本次计 {plain(made.capped_hours)}"


@functools.cache
def _label(scheme: VocabularyScheme, code: str) -> str:
    return vocabulary(scheme).require(code).label
