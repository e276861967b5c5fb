"""Manifests to learn from and to test with; they are no platforms of the gateway."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def sample_manifests() -> tuple[Traversable, ...]:
    """The sample manifests by file name."""
    found = [entry for entry in files(__name__).iterdir() if entry.name.endswith(".yaml")]
    return tuple(sorted(found, key=lambda entry: entry.name))


__all__ = ["sample_manifests"]
