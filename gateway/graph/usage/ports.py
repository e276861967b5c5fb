"""What the graph needs of usage statistics, satisfied where the application is put together."""

from collections.abc import Sequence
from typing import Protocol

from gateway.statistics.questions import ReportQuestion
from gateway.statistics.reports import ExportFormat, ReportCell, ReportPage


class Usage(Protocol):
    """Reports of usage, which anybody may ask for; raises InvalidInput, LimitExceeded, CursorInvalid and NotReady."""

    async def report(self, question: ReportQuestion, *, first: int, after: str | None) -> ReportPage:
        """One page of a report; `after` is the cursor of the last row of the page before."""
        ...

    async def resource_cells(
        self, keys: Sequence[tuple[str, str]], codes: Sequence[str] | None
    ) -> Sequence[Sequence[ReportCell]]:
        """For each platform and native id one cell for each measure, or for those it has where None is given."""
        ...

    def export_link(self, question: ReportQuestion, file_format: ExportFormat) -> str:
        """The path, from `/` on, of the whole report as a file: signed and short-lived; no I/O."""
        ...
