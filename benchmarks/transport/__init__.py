"""What one call to a platform costs, by transport and by what is around it: `python -m benchmarks.transport`."""
