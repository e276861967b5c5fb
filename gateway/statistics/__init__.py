"""Usage statistics: facts become reports whose every number says what it is worth."""

from gateway.statistics.ports import PlatformNames
from gateway.statistics.questions import Interval, ReportDimension, ReportOrder, ReportQuestion, UsageFilter
from gateway.statistics.reports import (
    Caveat,
    CellStatus,
    ExportFormat,
    ReportCell,
    ReportCoverage,
    ReportKey,
    ReportPage,
    ReportRow,
)
from gateway.statistics.service import StatisticsService, open_statistics

__all__ = [
    "Caveat",
    "CellStatus",
    "ExportFormat",
    "Interval",
    "PlatformNames",
    "ReportCell",
    "ReportCoverage",
    "ReportDimension",
    "ReportKey",
    "ReportOrder",
    "ReportPage",
    "ReportQuestion",
    "ReportRow",
    "StatisticsService",
    "UsageFilter",
    "open_statistics",
]
