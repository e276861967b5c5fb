"""How fast a platform is harvested and how much memory that takes: `python -m benchmarks.harvest --records 100000`."""
