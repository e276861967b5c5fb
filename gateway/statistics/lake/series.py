"""Rows of numbers over time: what makes one, and which of them stand or grow."""

from schema.measures import MeasureKind, measures

SERIES = "measure, platform, program, region, stage, subject, kind, teaching_mode, classroom_kind, resource"
"""What makes a row of numbers over time: every dimension that facts state."""
COUNTERS = sorted(code for code, measure in measures().items() if measure.kind is MeasureKind.COUNTER)
"""Measures of which the lake holds what they grew by."""
STANDING = sorted(
    code for code, measure in measures().items() if measure.kind in (MeasureKind.STOCK, MeasureKind.COUNTER)
)
"""Measures of which the lake holds what they show at the end of months and weeks."""
