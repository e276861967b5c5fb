"""How a report of usage is shown: a table, charts, coverage and caveats for people, one document for machines."""

from datetime import date
from decimal import Decimal
from typing import Any

from gateway.cli.charts import Bar, bar_chart
from gateway.cli.output import console, print_table
from gateway.statistics import CellStatus, Interval, ReportCell, ReportPage, ReportQuestion, ReportRow
from schema.quantities import Quantity
from schema.wording import worded

MOST_BARS = 40
_WORDS = {
    CellStatus.NOT_PUBLISHED: "not published",
    CellStatus.NOT_ADDITIVE: "not additive",
    CellStatus.SUPPRESSED: "suppressed",
}


def print_report(page: ReportPage, question: ReportQuestion, *, charts: bool) -> None:
    """Print a page for people; `*` marks numbers that lack days."""
    columns = [dimension.lower() for dimension in question.group_by]
    measures = [f"{measure.name} {measure.code}" for measure in page.measures]
    shown = f"{len(page.rows)} of {page.total} rows" if page.has_next else f"{page.total} rows"
    print_table(
        f"Usage: {shown}",
        (*columns, "period", *measures),
        [(*(key.label for key in row.keys), _days(row), *(cell_text(cell) for cell in row.cells)) for row in page.rows],
    )
    if any(_lacks_days(cell) for row in page.rows for cell in row.cells):
        _say("* a platform reported fewer days than asked")
    if page.has_next:
        _say(f"{page.total - len(page.rows)} more rows: raise --first, up to 1000, or use `shanhai usage export`")
    if charts:
        _print_charts(page, question.interval)
    _print_coverage(page)
    for caveat in page.caveats:
        _say(f"{caveat.code}: {caveat.message}")


def cell_text(cell: ReportCell) -> str:
    """A cell in words: its number with bounds as a reader would write it, or why there is none."""
    if cell.status is CellStatus.CONFLICT and cell.quantity is not None:
        return f"conflict {_number(cell.quantity.lower)}–{_number(cell.quantity.upper)}"
    if cell.quantity is None:
        return _WORDS.get(cell.status, cell.status.lower())
    return worded(cell.quantity) + ("*" if _lacks_days(cell) else "")


def report_document(page: ReportPage) -> dict[str, Any]:
    """The page as JSON, in the words of the GraphQL schema."""
    return {
        "rows": [_row(row) for row in page.rows],
        "totalCount": page.total,
        "coverage": [
            {
                "platform": one.platform,
                "measure": one.measure.code,
                "firstDay": one.first,
                "lastDay": one.last,
                "daysReported": one.days,
                "complete": one.complete,
            }
            for one in page.coverage
        ],
        "caveats": [{"code": one.code, "message": one.message, "platforms": one.platforms} for one in page.caveats],
        "asOf": page.as_of,
    }


def _row(row: ReportRow) -> dict[str, Any]:
    return {
        "keys": [{"dimension": key.dimension, "value": key.value, "label": key.label} for key in row.keys],
        "period": {"from": row.first, "to": row.last},
        "cells": [
            {
                "measure": cell.measure.code,
                "status": cell.status,
                "quantity": None if cell.quantity is None else _quantity(cell.quantity),
                "method": cell.method,
                "asOf": cell.as_of,
                "complete": cell.complete,
                "platforms": cell.platforms,
            }
            for cell in row.cells
        ],
    }


def _quantity(quantity: Quantity) -> dict[str, Any]:
    return {
        "value": _number(quantity.value),
        "lower": _number(quantity.lower),
        "upper": _number(quantity.upper),
        "qualifier": quantity.qualifier,
        "unit": quantity.unit,
        "display": worded(quantity),
    }


def _print_charts(page: ReportPage, interval: Interval | None) -> None:
    rows = page.rows[:MOST_BARS]
    labels = [_label(row, interval) for row in rows]
    for place, measure in enumerate(page.measures):
        bars = [_bar(label, row.cells[place]) for label, row in zip(labels, rows, strict=True)]
        if any(bar.lower is not None or bar.upper is not None for bar in bars):
            _say(f"\n{measure.name} ({measure.unit})")
            for line in bar_chart(bars, console.width):
                _say(line)
    if len(page.rows) > MOST_BARS:
        _say(f"… {len(page.rows) - MOST_BARS} more rows without a bar")


def _bar(label: str, cell: ReportCell) -> Bar:
    quantity = cell.quantity
    if quantity is None:
        return Bar(label, cell_text(cell))
    alone = quantity.value if quantity.lower is None and quantity.upper is None else None
    return Bar(label, cell_text(cell), quantity.lower or alone, quantity.upper or alone)


def _print_coverage(page: ReportPage) -> None:
    rows = [
        (one.platform, one.measure.code, one.first, one.last, one.days, "yes" if one.complete else "no")
        for one in page.coverage
    ]
    print_table("Coverage", ("platform", "measure", "first day", "last day", "days", "complete"), rows)


def _label(row: ReportRow, interval: Interval | None) -> str:
    names = " ".join(key.label for key in row.keys)
    return f"{names} {_period(row.first, interval)}".strip()


def _period(first: date, interval: Interval | None) -> str:
    """The short name of the period that holds a day."""
    if interval is Interval.QUARTER:
        return f"{first.year}Q{(first.month + 2) // 3}"
    shapes = {Interval.YEAR: "%Y", Interval.MONTH: "%Y-%m", None: ""}
    return first.strftime(shapes.get(interval, "%Y-%m-%d"))


def _days(row: ReportRow) -> str:
    return f"{row.first}" if row.first == row.last else f"{row.first} – {row.last}"


def _lacks_days(cell: ReportCell) -> bool:
    return cell.status is CellStatus.OK and not cell.complete


def _number(number: Decimal | None) -> int | float | None:
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def _say(line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
