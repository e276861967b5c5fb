"""The command `shanhai`."""

import gc

# nothing that is imported is ever garbage, and looking for some takes a quarter of the time of importing
gc.disable()

from gateway.cli.program import main  # noqa: E402

gc.freeze()
gc.enable()
# a live search makes some ten thousand objects that reference counting frees; the default looks at all of them often
gc.set_threshold(50_000, 20, 50)

__all__ = ["main"]
