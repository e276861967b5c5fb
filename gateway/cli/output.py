"""What commands print: tables for people on standard output, JSON for machines, errors on standard error."""

from collections.abc import Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

console = Console()
errors = Console(stderr=True)


def print_json(value: Any) -> None:
    """One JSON document on standard output, without colors."""
    print(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode())  # noqa: T201  # the machine's output


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table that wraps instead of cutting."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console.print(table)
