"""What the fields of records hold, and when a value of theirs is beyond doubt.

A check is Python text about a variable `{v}`, true of nothing that pydantic would refuse or change. What it is not
true of may be right all the same; pydantic decides about that.
"""

import re
import types
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import AwareDatetime, create_model
from pydantic.fields import FieldInfo

from schema.records import Record
from schema.values import Code, Count, LongText, NativeId, Text, Url

ADDRESS = re.compile(r"https?://[^\s]+").fullmatch
LARGEST = 10**15
"""Whole numbers below are written with fewer digits than the shortest secret that is looked for."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`text` says that the check is of text without blanks around it, `own` that hardly two records share a value, and
    `quick` that to transform a value costs no more than to look for it among those that are remembered.
    """

    check: str | None = None
    text: bool = False
    own: bool = False
    quick: bool = False


def _without_nul(longest: int) -> str:
    return f'len({{v}}) <= {longest} and "\\0" not in {{v}}'


_INSTANT = "type({v}) is datetime and {v}.tzinfo is not None and 1 < {v}.year < 9999"
_KINDS: tuple[tuple[Any, Kind], ...] = (
    (Text, Kind(_without_nul(1_000), text=True)),
    (LongText, Kind(_without_nul(20_000), text=True, own=True, quick=True)),
    (Code, Kind(_without_nul(100), text=True)),
    (NativeId, Kind("len({v}) <= 250 and {v}.isprintable()", text=True, own=True, quick=True)),
    (Url, Kind("len({v}) <= 2_000 and ADDRESS({v})", text=True, own=True, quick=True)),
    (Count, Kind(f"type({{v}}) is int and 0 <= {{v}} < {LARGEST}", own=True)),
    (bool, Kind("{v} is True or {v} is False")),
    (AwareDatetime, Kind(_INSTANT, own=True, quick=True)),
    (date, Kind("type({v}) is date", quick=True)),
    (Decimal, Kind(own=True)),
)


@dataclass(frozen=True, slots=True)
class FieldOf:
    """One field of a record: the attribute, whether it holds many, of what, its kind, and a record of it alone."""

    attribute: str
    many: bool
    inner: Any
    kind: Kind
    alone: type[Record]


@cache
def fields_of(record: type[Record]) -> dict[str, FieldOf]:
    """The fields of a record by the names a manifest uses."""
    hints = get_type_hints(record, include_extras=True)
    found = {}
    for attribute, info in record.model_fields.items():
        many, inner = _inner(hints[attribute])
        # what a field itself says of its bounds stands beside its annotation
        whole: Any = Annotated[(hints[attribute], *info.metadata)] if info.metadata else hints[attribute]
        alone = create_model(f"Only{record.__name__}", __base__=Record, value=(whole, ...))
        found[info.alias or attribute] = FieldOf(attribute, many, inner, _kind(inner, info.metadata), alone)
    return found


def _inner(hint: Any) -> tuple[bool, Any]:
    """Whether a field holds many, and what it holds where it holds something."""
    if get_origin(hint) in (Union, types.UnionType):
        [hint] = [one for one in get_args(hint) if one is not type(None)]
    if get_origin(hint) is tuple:
        return True, get_args(hint)[0]
    return False, hint


def _kind(inner: Any, metadata: Sequence[Any]) -> Kind:
    """That of the annotation, unless the field has bounds beside it; words and records are of no kind here."""
    bounds = [bound for one in get_args(inner)[1:] for bound in (one.metadata if isinstance(one, FieldInfo) else [one])]
    plain = get_args(inner)[0] if get_origin(inner) is Annotated else inner
    if any(one not in bounds for one in metadata):
        return Kind(own=True)
    return next((kind for annotation, kind in _KINDS if inner == annotation), Kind(own=plain is Decimal))
