"""Records checked against the common schema, with findings instead of exceptions.

Codes are `<field>.<problem>`: the path of camelCase names without positions, and one of `missing` (required and absent
or empty), `empty`, `tooLong`, `invalid`; a key that no field has is `field.unknown`.
"""

import difflib
import functools
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import TypeVar, get_args

from pydantic import AwareDatetime, ValidationError
from pydantic_core import ErrorDetails

from schema.findings import Finding
from schema.records import Record
from schema.resources import ResourceRecord
from schema.vocabularies import VocabularyScheme, vocabulary

_LONGEST_SHOWN = 200
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "tuple_type": "a list",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "dict_type": "an object",
    "timezone_aware": "a time with a zone, such as 2024-03-01T08:00:00+08:00",
    "ends_before_start": "a time not before startsAt",
    "missing": "a value",
}
_PATTERNS = {
    r"^[0-9]{6}$": "a six-digit GB/T 2260 code, such as 500103",
    r"^https?://[^\s]+$": "an absolute http or https address",
    r"^[^\x00-\x1f]+$": "text without control characters",
    r"^[^\x00]*$": "text without NUL characters",
}
_SCHEMES = {
    "kind": VocabularyScheme.KIND,
    "stages": VocabularyScheme.STAGE,
    "teachingModes": VocabularyScheme.TEACHING_MODE,
    "classroomKind": VocabularyScheme.CLASSROOM_KIND,
    "delivery": VocabularyScheme.DELIVERY,
    "access": VocabularyScheme.ACCESS,
    "sharing.copy": VocabularyScheme.ACCESS,
    "sharing.adapt": VocabularyScheme.ACCESS,
    "contributors.role": VocabularyScheme.CONTRIBUTOR_ROLE,
    "awards.level": VocabularyScheme.LEVEL,
}
_R = TypeVar("_R", bound=Record)


def validate(record: type[_R], data: Mapping[str, object]) -> _R | tuple[Finding, ...]:
    """The record, or every finding against it; costs nothing beyond pydantic's own check when the record is right."""
    try:
        made = record.model_validate(data)
    except ValidationError as error:
        return tuple(_finding(detail, _names(record)) for detail in error.errors(include_url=False))
    return (
        tuple(_out_of_time(made, *names) for names in _instants(record) if not _has_utc(getattr(made, names[0])))
        or made
    )


def validate_resource(data: Mapping[str, object]) -> ResourceRecord | tuple[Finding, ...]:
    """`validate` for a resource."""
    return validate(ResourceRecord, data)


@functools.cache
def _names(record: type[Record]) -> Mapping[str, bool]:
    """The fields of a record by camelCase name, and whether each is required."""
    return {field.alias or name: field.is_required() for name, field in record.model_fields.items()}


@functools.cache
def _instants(record: type[Record]) -> tuple[tuple[str, str], ...]:
    """The fields of a record that hold instants: attribute and camelCase name."""
    fields = record.model_fields.items()
    return tuple((name, field.alias or name) for name, field in fields if AwareDatetime in get_args(field.annotation))


def _has_utc(instant: datetime | None) -> bool:
    """Whether an instant is within the years 1 to 9999 in UTC too, where it is kept."""
    try:
        return instant is None or instant.astimezone(UTC) is not None
    except OverflowError:
        return False


def _out_of_time(made: Record, attribute: str, name: str) -> Finding:
    expected, found = "a time in the years 1 to 9999 (UTC)", _shown(getattr(made, attribute).isoformat())
    return Finding(
        f"{name}.invalid",
        _message(name, "invalid", expected, found),
        pointer=f"/{name}",
        expected=expected,
        found=found,
    )


def _finding(detail: ErrorDetails, names: Mapping[str, bool]) -> Finding:
    location = _location(detail, names)
    path = ".".join(part for part in location if isinstance(part, str)) or "record"
    problem = _problem(detail, location, names)
    code = "field.unknown" if problem == "unknown" else f"{path}.{problem}"
    expected = _expected(detail)
    found = None if detail["type"] == "missing" else _shown(_input(detail, location))
    return Finding(
        code=code,
        message=_message(path, problem, expected, found),
        pointer="".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location),
        expected=expected,
        found=found,
        suggestion=_suggestion(detail, path, location, names),
    )


def _location(detail: ErrorDetails, names: Mapping[str, bool]) -> tuple[int | str, ...]:
    """Where it is; a rule over the whole record points at the field it speaks of."""
    if detail["type"] == "ends_before_start":
        return ("endsAt" if "endsAt" in names else "endsOn",)
    return tuple(detail["loc"])


def _input(detail: ErrorDetails, location: Sequence[int | str]) -> object:
    """The offending value; for a rule over the whole record, that of the field it speaks of."""
    value = detail["input"]
    if detail["type"] == "ends_before_start" and isinstance(value, Mapping):
        name = str(location[0])
        return value.get(name, value.get("ends_at" if name == "endsAt" else "ends_on"))
    return value


def _problem(detail: ErrorDetails, location: Sequence[int | str], names: Mapping[str, bool]) -> str:
    kind = detail["type"]
    if kind == "extra_forbidden":
        return "unknown"
    required = len(location) == 1 and names.get(str(location[0]), False)
    if kind == "missing" or (required and detail["input"] in (None, "")):
        return "missing"
    if kind == "string_too_short":
        return "missing" if required else "empty"
    return "tooLong" if kind == "string_too_long" else "invalid"


def _expected(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "enum":
        return "one of " + str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(str(context.get("pattern")), detail["msg"])
    if kind == "string_too_long":
        return f"at most {context.get('max_length')} characters"
    if kind == "string_too_short":
        return f"at least {context.get('min_length')} character"
    if kind == "greater_than_equal":
        return f"a number of at least {context.get('ge')}"
    if kind == "extra_forbidden":
        return "a field of the resource schema"
    if kind.startswith("datetime_"):
        return _EXPECTED["timezone_aware"]
    if kind.startswith("date_"):
        return "a day, such as 2024-03-01"
    return _EXPECTED.get(kind, detail["msg"])


def _shown(value: object) -> str:
    """The value as JSON, shortened; what JSON cannot hold is named by its type."""
    text = value.value if isinstance(value, Enum) else value
    try:
        shown = json.dumps(text, ensure_ascii=False)
    except (TypeError, ValueError):
        shown = f"a Python {type(value).__name__}"
    return shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + "…"


def _message(path: str, problem: str, expected: str, found: str | None) -> str:
    if problem == "missing":
        return f"{path} is required and missing"
    if problem == "unknown":
        return f"{path} is no field of a resource"
    return f"{path} must be {expected}, not {found}"


def _suggestion(
    detail: ErrorDetails, path: str, location: Sequence[int | str], names: Mapping[str, bool]
) -> str | None:
    """The nearest spelling of an unknown field or of a closed vocabulary."""
    if detail["type"] == "extra_forbidden" and len(location) == 1:
        near = difflib.get_close_matches(str(location[0]), names, n=1)
        return near[0] if near else None
    scheme = _SCHEMES.get(path)
    value = detail["input"]
    if detail["type"] == "enum" and scheme and isinstance(value, str):
        term = vocabulary(scheme).nearest(value)
        return term.code if term else None
    return None
