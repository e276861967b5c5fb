"""A summary in memory: two regions in one year, one of them too small to be shown."""

from datetime import date
from decimal import Decimal

from gateway.errors import InvalidInput
from gateway.training.questions import SummaryQuestion
from gateway.training.views import SummaryCell, SummaryCoverage, SummaryPage, SummaryRow
from schema.measures import AggregationMethod, Measure, MeasureKind
from tests.gateway.graph.training.facts import NOON

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def _measure(code: str, unit: str, kind: MeasureKind) -> Measure:
    people = kind is MeasureKind.DISTINCT
    method = AggregationMethod.BOUNDS if people else AggregationMethod.SUM
    return Measure(code, code, unit, kind, method, method, people, "of the tests")


MEASURES = {
    one.code: one
    for one in (
        _measure("training_teachers", "人", MeasureKind.DISTINCT),
        _measure("training_records", "条", MeasureKind.FLOW),
        _measure("training_hours", "学时", MeasureKind.FLOW),
    )
}
VALUES = {"training_teachers": Decimal(12), "training_records": Decimal(30), "training_hours": Decimal("85.5")}


def summary_page(question: SummaryQuestion) -> SummaryPage:
    """Rows for the asked measures."""
    for at, code in enumerate(question.measures):
        if code not in MEASURES:
            raise InvalidInput(f"measures[{at}]: {code!r} is no measure of training")
    known = [MEASURES[code] for code in question.measures]
    shown = tuple(SummaryCell(one, VALUES[one.code], ("yuzhong", "chongqing")) for one in known)
    hidden = tuple(SummaryCell(one, None, ()) for one in known)
    return SummaryPage(
        rows=(
            SummaryRow((("REGION", "500103", "渝中区"),), FIRST, LAST, shown),
            SummaryRow((("REGION", "500107", "九龙坡区"),), FIRST, LAST, hidden),
        ),
        cursors=("s0", "s1"),
        total=2,
        has_next=False,
        has_previous=False,
        measures=tuple(known),
        coverage=(SummaryCoverage("yuzhong", FIRST, NOON.date(), 40),),
        caveats=(("SMALL_CELLS_HIDDEN", "numbers of fewer than 5 teachers are hidden", ()),),
        as_of=NOON,
    )
