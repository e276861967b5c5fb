"""How findings, reports and previews look in a terminal."""

from collections.abc import Sequence

import orjson
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from connectors.conformance import FieldCoverage, ManifestReport, Preview, PreviewRow
from gateway.cli.output import console
from schema.findings import Finding, Severity

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
INDENT = 9


def print_findings(findings: Sequence[Finding], console: Console = console) -> None:
    """Each finding where it stands, with what was expected and what was probably meant."""
    for finding in findings:
        where = [str(part) for part in (finding.line, finding.column) if part is not None]
        place = f"{':'.join(where)}  " if where else ""
        head = Text.assemble(
            (f"{finding.severity:<{INDENT}}", _STYLES[finding.severity]), (place, "bold"), finding.code
        )
        console.print(head)
        console.print(Padding(Text(finding.message), (0, 0, 0, INDENT), expand=False))
        rows = (
            ("did you mean", finding.suggestion),
            ("expected", finding.expected),
            ("found", finding.found),
            ("at", finding.pointer),
            ("read", finding.documentation_url if finding.severity is not Severity.INFO else None),
        )
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True, min_width=12)
        grid.add_column(overflow="fold")
        for label, value in rows:
            if value:
                grid.add_row(label, Text(value))
        console.print(Padding(grid, (0, 0, 0, INDENT), expand=False))


def print_report(report: ManifestReport, findings: Sequence[Finding], coverage: Sequence[FieldCoverage]) -> None:
    """Findings and which fields are mapped, with the shares of records that fill them where records were read."""
    print_findings(findings)
    mapped = [one for one in coverage if one.mapped]
    if any(one.filled is not None for one in mapped):
        table = Table(title="Fields", title_justify="left", header_style="bold")
        table.add_column("field")
        table.add_column("filled", justify="right")
        for one in mapped:
            table.add_row(f"{one.field}{' (required)' if one.required else ''}", f"{one.filled or 0:.0%}")
        console.print(table)
    if coverage:
        others = ", ".join(one.field for one in coverage if not one.mapped) or "none"
        console.print(Text(f"maps {len(mapped)} of {len(coverage)} fields; not mapped: {others}"))
    if report.secret_names:
        console.print(Text(f"secrets it needs: {', '.join(report.secret_names)}"))
    if report.origins:
        console.print(Text(f"asks only {', '.join(report.origins)}"))


def print_preview(shown: Preview) -> None:
    """Requests, then every record as it came and as it was mapped."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, justify="right", style="dim")
    for request in shown.requests:
        status = Text(str(request.status or "no answer"), "green" if (request.status or 600) < 400 else "red")
        grid.add_row(request.method, Text(request.url), status, f"{request.duration_ms:.0f} ms")
    console.print(grid)
    for number, row in enumerate(shown.rows, 1):
        _print_row(number, row)
    if shown.failure is not None:
        print_findings([shown.failure])
    elif not shown.rows:
        console.print("the platform lists no records")


def _print_row(number: int, row: PreviewRow) -> None:
    outcome = ("rejected", "bold red") if row.mapped is None else ("mapped", "bold green")
    if any(finding.code == "record.deleted" for finding in row.findings):
        outcome = ("deleted", "bold yellow")
    console.print()
    console.rule(Text.assemble(f"{number}  {row.native_id or 'without id'}  ", outcome), align="left")
    console.print("came", style="dim")
    console.print(Padding(_readable(row.raw), (0, 0, 0, 2), expand=False))
    if row.mapped is not None:
        console.print("became", style="dim")
        console.print(Padding(_readable(row.mapped), (0, 0, 0, 2), expand=False))
    for note in row.unmapped:
        console.print(Text.assemble(("no table knows  ", "yellow"), f"{note.field}: {note.value}"))
    print_findings([finding for finding in row.findings if finding.code != "record.deleted"])


def _readable(text: str) -> RenderableType:
    """An object with one key a line, anything else as it is."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        return Text(text)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="cyan", overflow="fold")
    grid.add_column(overflow="fold", ratio=1)
    for key, inner in value.items():
        grid.add_row(Text(key), Text(inner if isinstance(inner, str) else orjson.dumps(inner).decode()))
    return grid
