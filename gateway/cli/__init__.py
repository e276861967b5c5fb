"""The command `shanhai`."""

import gc

# nothing that is imported is ever garbage, and looking for some takes a quarter of the time of importing
gc.disable()

from gateway.cli.program import main  # noqa: E402

gc.freeze()
gc.enable()

__all__ = ["main"]
