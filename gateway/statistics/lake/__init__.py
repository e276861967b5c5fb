"""The lake: Parquet files of each month of each platform, derived from the facts table and disposable."""

from gateway.statistics.lake.catching_up import Lake
from gateway.statistics.lake.snapshots import Partition, Snapshot

__all__ = ["Lake", "Partition", "Snapshot"]
