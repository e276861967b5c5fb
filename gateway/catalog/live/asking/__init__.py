"""Asking one platform for a live search, with everything that protects both sides: flights, kept answers, a breaker."""

from gateway.catalog.live.asking.breaker import BreakerRules
from gateway.catalog.live.asking.observing import Circuit, Observer, Way
from gateway.catalog.live.asking.ports import ServedPlatforms, Serving
from gateway.catalog.live.asking.rules import AskingRules
from gateway.catalog.live.asking.service import Asking

__all__ = ["Asking", "AskingRules", "BreakerRules", "Circuit", "Observer", "ServedPlatforms", "Serving", "Way"]
