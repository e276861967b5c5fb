"""Mapping by code that is written for a manifest: the outcome of its rules, for a fraction of their time."""

from connectors.manifest.compiled.mapper import CompiledMapper
from connectors.manifest.compiled.sightings import Sight, Sighted

__all__ = ["CompiledMapper", "Sight", "Sighted"]
