"""How fast records are mapped, by protocol and by field: `python -m benchmarks.connectors --records 5000`."""
