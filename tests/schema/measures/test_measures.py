"""The table of measures: every one is complete, and what may be added up is."""

import re

from schema.measures import AggregationMethod, MeasureKind, measures


def test_every_measure_is_complete_and_named_once() -> None:
    found = measures()
    assert len(found) == 20
    assert [measure.code for measure in found.values()] == list(found)
    assert len({measure.name for measure in found.values()}) == 20
    assert all(re.fullmatch(r"[a-z][a-z_]*", code) for code in found)
    assert all(measure.unit and measure.description for measure in found.values())


def test_flows_add_up_and_people_do_not() -> None:
    ways = {
        kind: {(measure.over_time, measure.over_platforms) for measure in measures().values() if measure.kind is kind}
        for kind in MeasureKind
    }
    added = (AggregationMethod.SUM, AggregationMethod.SUM)
    assert ways[MeasureKind.FLOW] == {added}
    for kind in (MeasureKind.DISTINCT, MeasureKind.STOCK, MeasureKind.PEAK, MeasureKind.COUNTER):
        assert all(over_time is not AggregationMethod.SUM for over_time, _ in ways[kind])
        assert ways[kind] != {added}


def test_the_measure_of_the_examples_is_there() -> None:
    views = measures()["views"]
    assert (views.kind, views.unit) == (MeasureKind.FLOW, "人次")
