"""Measures of usage: what each counts, in which unit, and what may be done with its numbers."""

import csv
import functools
import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class MeasureKind(StrEnum):
    """FLOW sums, COUNTER only grows, STOCK is true at an instant, PEAK is a maximum, DISTINCT counts people once."""

    FLOW = "FLOW"
    COUNTER = "COUNTER"
    STOCK = "STOCK"
    PEAK = "PEAK"
    DISTINCT = "DISTINCT"
    AVERAGE = "AVERAGE"
    RATIO = "RATIO"


class AggregationMethod(StrEnum):
    """How several values become one."""

    SUM = "SUM"
    LAST = "LAST"
    DIFFERENCE = "DIFFERENCE"
    MAX = "MAX"
    SKETCH_UNION = "SKETCH_UNION"
    BOUNDS = "BOUNDS"
    WEIGHTED_MEAN = "WEIGHTED_MEAN"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: `code` names it in manifests and reports, `unit` is as Chinese readers write it.

    `people` is true where it counts people or their visits, so that small numbers are not shown.
    """

    code: str
    name: str
    unit: str
    kind: MeasureKind
    over_time: AggregationMethod
    over_platforms: AggregationMethod
    people: bool
    description: str


@functools.cache
def measures() -> Mapping[str, Measure]:
    """Every measure by code, in the order of `schema/data/measures.csv`."""
    table = importlib.resources.files("schema").joinpath("data", "measures.csv").read_text("utf-8")
    return {
        row["code"]: Measure(
            row["code"],
            row["name"],
            row["unit"],
            MeasureKind(row["kind"]),
            AggregationMethod(row["over_time"]),
            AggregationMethod(row["over_platforms"]),
            row["people"] == "true",
            row["description"],
        )
        for row in csv.DictReader(table.splitlines())
    }
