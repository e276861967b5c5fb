"""The platforms: one manifest each, no code."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def builtin_manifests() -> tuple[Traversable, ...]:
    """The manifests that come with the gateway, by file name."""
    found = [entry for entry in files(__name__).iterdir() if entry.name.endswith(".yaml")]
    return tuple(sorted(found, key=lambda entry: entry.name))


__all__ = ["builtin_manifests"]
