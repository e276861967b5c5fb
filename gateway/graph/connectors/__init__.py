"""Connectors: what a partner province registers and watches."""
