"""Simulators of the platforms that cannot be reached: seeded ASGI apps built from published documents."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.simulators.chongqing.app import SIMULATOR as CHONGQING
from connectors.simulators.faults import Fault, Faults
from connectors.simulators.national.app import SIMULATOR as NATIONAL
from connectors.simulators.neijiang.app import SIMULATOR as NEIJIANG
from connectors.simulators.sichuan.app import SIMULATOR as SICHUAN
from connectors.simulators.simulation import Simulation, Simulator
from connectors.simulators.yuzhong.app import SIMULATOR as YUZHONG
from connectors.simulators.zibo.app import SIMULATOR as ZIBO

_ALL = (CHONGQING, ZIBO, YUZHONG, SICHUAN, NEIJIANG, NATIONAL)
SIMULATORS: Mapping[str, Simulator] = MappingProxyType({simulator.code: simulator for simulator in _ALL})
"""Every simulator by the code of its platform."""

__all__ = ["SIMULATORS", "Fault", "Faults", "Simulation", "Simulator"]
