"""Connectors written in Python: installed packages with an entry point, each loaded so that it can harm no other."""

import contextlib
import importlib.metadata
import inspect
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ValidationError

from connectors.plugged import METHODS, PluginConnector, PluginTraits
from schema.findings import Finding

GROUP = "shanhai.connectors"
"""The entry point group; a value is a class or function that takes nothing and returns a connector."""
DOCUMENTATION = "docs/python-connectors.md"
MESSAGE_CHARACTERS = 500
_CODES: Mapping[str, str] = {"origins": "plugin.origin", "capabilities": "plugin.capability"}


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """A plug-in that can be used; `source` names its entry point."""

    source: str
    connector: PluginConnector


@dataclass(frozen=True, slots=True)
class BrokenPlugin:
    """A plug-in that was left out, and why."""

    source: str
    findings: tuple[Finding, ...]


class FindsEntryPoints(Protocol):
    """Finds the entry points of a group, as `importlib.metadata.entry_points` does."""

    def __call__(self, *, group: str) -> Iterable[importlib.metadata.EntryPoint]: ...


def discover(
    entry_points: FindsEntryPoints = importlib.metadata.entry_points,
) -> list[LoadedPlugin | BrokenPlugin]:
    """Load every installed plug-in, by name; never raises. Blocks as long as their modules take to import.

    Of two plug-ins for one platform the first is used.
    """
    try:
        entries = sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value))
    except Exception as error:  # the metadata of a single package can spoil the list of all
        return [BrokenPlugin(f"entry points {GROUP}", (_unloadable(error),))]
    found: list[LoadedPlugin | BrokenPlugin] = []
    sources: dict[str, str] = {}
    for entry in entries:
        with contextlib.redirect_stdout(sys.stderr):  # a module that prints must not spoil what commands print
            plugin = examine(_maker(entry), f"plug-in {entry.name} ({entry.value})")
        if isinstance(plugin, LoadedPlugin):
            code = plugin.connector.platform.code
            if code in sources:
                plugin = BrokenPlugin(plugin.source, (platform_taken(code, sources[code]),))
            sources.setdefault(code, plugin.source)
        found.append(plugin)
    return found


def examine(make: Callable[[], object], source: str) -> LoadedPlugin | BrokenPlugin:
    """The plug-in that `make` returns, or all that is wrong with it; never raises."""
    try:
        made = make()
        if inspect.iscoroutine(made):
            made.close()
        traits = PluginTraits.model_validate(made)
        findings = _missing_methods(made, traits)
    except ValidationError as error:
        findings = tuple(_of_trait(made, detail) for detail in error.errors(include_url=False, include_input=False))
    except BaseException as error:  # its code may do anything, such as leave by sys.exit
        findings = (_unloadable(error),)
    return BrokenPlugin(source, findings) if findings else LoadedPlugin(source, PluginConnector(made, traits))


def platform_taken(code: str, by: str) -> Finding:
    """Why a plug-in is not used although nothing is wrong with it."""
    return _finding("plugin.platformTaken", f"platform {code} is taken by another connector ({by})", found=code)


def _maker(entry: importlib.metadata.EntryPoint) -> Callable[[], object]:
    def make() -> object:
        made: object = entry.load()()
        return made

    return make


def _missing_methods(made: object, traits: PluginTraits) -> tuple[Finding, ...]:
    lacking = {
        capability: METHODS[capability]
        for capability in sorted(traits.capabilities)
        if not callable(getattr(made, METHODS[capability], None))
    }
    return tuple(
        _finding("plugin.capability", f"it claims {capability} and has no method {method}", expected=method)
        for capability, method in lacking.items()
    )


def _of_trait(made: object, detail: Any) -> Finding:
    place = ".".join(str(part) for part in detail["loc"])
    name = type(made).__name__
    if not place or (detail["type"] == "missing" and place == "platform"):
        return _finding("plugin.notAConnector", f"{name} is no connector: it has no platform", found=name)
    code = _CODES.get(place.partition(".")[0], "plugin.attribute")
    return _finding(code, f"{name}.{place}: {detail['msg']}")


def _unloadable(error: BaseException) -> Finding:
    said = " ".join("".join(traceback.format_exception_only(error)).split())
    return _finding(
        "plugin.unloadable",
        f"it cannot be loaded: {said[:MESSAGE_CHARACTERS]}",
        expected="a class or function that takes nothing and returns a connector",
    )


def _finding(code: str, message: str, *, expected: str | None = None, found: str | None = None) -> Finding:
    heading = code.replace(".", "").lower()
    return Finding(code, message, expected=expected, found=found, documentation_url=f"{DOCUMENTATION}#{heading}")
