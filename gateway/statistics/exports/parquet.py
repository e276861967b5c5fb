"""Reports as Parquet: typed columns, exact decimals, and the caveats in the file's own metadata."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import duckdb
import orjson

from gateway.statistics.exports.tidy import TidyCells, as_it_is
from gateway.statistics.reports import Caveat

_KEEPING_ORDER: Mapping[str, str | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": "64MB",
    "preserve_insertion_order": True,
    "threads": 1,
}


def write_parquet(cells: TidyCells, path: Path, caveats: Sequence[Caveat], as_of: datetime) -> None:
    """Write all cells, with `caveats` (JSON) and `as_of` (ISO 8601) as key-value metadata.

    Parts are sorted one by one, then joined by a connection that keeps their order: sorted as a whole, text alone would
    take hundreds of megabytes.
    """
    told = orjson.dumps([asdict(caveat) for caveat in caveats]).decode()
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        parts: list[str] = []
        for number, selection in enumerate(cells.selections(as_it_is)):
            parts.append(str(Path(folder, f"{number:06}.parquet")))
            cells.connection.execute(f"COPY ({selection}) TO $target (FORMAT parquet)", {"target": parts[-1]})
        with duckdb.connect(config={**_KEEPING_ORDER, "temp_directory": folder}) as joining:
            joining.execute(
                "COPY (SELECT * FROM read_parquet($parts::VARCHAR[])) TO $target"
                " (FORMAT parquet, COMPRESSION zstd, KV_METADATA {as_of: $as_of, caveats: $caveats})",
                {"parts": parts, "target": str(path), "as_of": as_of.isoformat(), "caveats": told},
            )
