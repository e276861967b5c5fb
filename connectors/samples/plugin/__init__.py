"""A connector written in Python, to start from; `docs/python-connectors.md` walks through it."""
