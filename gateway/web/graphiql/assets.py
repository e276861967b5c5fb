"""The files of the page: those of the package that carries GraphiQL and React, our own, and examples by audience."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

import orjson

from gateway.web.responses import compressed

_PACKAGE = "graphene_django_graphiql_static"
_CARRIED = (
    "graphiql.min.css",
    "style.css",
    "react.production.min.js",
    "react-dom.production.min.js",
    "graphiql.min.js",
    "graphiql-plugin-explorer.umd.js",
)
_OWN = ("start.css", "start.js")
_TYPES = {"css": "text/css", "js": "text/javascript", "json": "application/json"}
AUDIENCES = ("front-end", "analyst", "officer", "partner", "operator")
"""Who the examples are for, in the order of the tabs."""


@dataclass(frozen=True)
class Asset:
    """One file as it is served."""

    name: str
    content: bytes

    @property
    def media_type(self) -> str:
        """Its media type, always in UTF-8."""
        return f"{_TYPES[self.name.rpartition('.')[2]]}; charset=utf-8"

    @cached_property
    def squeezed(self) -> bytes:
        """Its content by gzip."""
        return compressed(self.content)


@dataclass(frozen=True, slots=True)
class Example:
    """What one audience asks: a document of several operations, its variables, and headers beside the key."""

    audience: str
    query: str
    variables: Mapping[str, object]


def examples() -> tuple[Example, ...]:
    """The examples of every audience."""
    folder = _own_folder() / "examples"
    return tuple(
        Example(
            audience,
            (folder / f"{audience}.graphql").read_text("utf-8"),
            orjson.loads((folder / f"{audience}.json").read_bytes()),
        )
        for audience in AUDIENCES
    )


@cache
def assets() -> Mapping[str, Asset]:
    """Every file by its name; a megabyte and a half, read at the first use."""
    carried = files(_PACKAGE) / "static" / _PACKAGE
    found = [Asset(name, (carried / name).read_bytes()) for name in _CARRIED]
    found += [Asset(name, (_own_folder() / name).read_bytes()) for name in _OWN]
    shown = [
        {"query": one.query, "variables": orjson.dumps(one.variables, option=orjson.OPT_INDENT_2).decode()}
        for one in examples()
    ]
    found.append(Asset("examples.json", orjson.dumps(shown)))
    return {one.name: one for one in found}


@cache
def version() -> str:
    """What the addresses of the files carry, so that browsers may keep them for ever: it changes with any of them."""
    digest = hashlib.sha256()
    for name, asset in assets().items():
        digest.update(name.encode() + b"\0" + asset.content)
    return digest.hexdigest()[:16]


@cache
def page() -> bytes:
    """The page with the addresses of its files."""
    return (_own_folder() / "page.html").read_text("utf-8").replace("VERSION", version()).encode()


def _own_folder() -> Traversable:
    return files("gateway.web") / "graphiql"
