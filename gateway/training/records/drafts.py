"""Checking what officers enter: every refusal names the argument, what was found and what is possible."""

from datetime import date, timedelta
from decimal import Decimal

from pydantic import TypeAdapter, ValidationError

from gateway.errors import InvalidInput
from gateway.training.questions import RecordDraft
from schema.national_ids import has_national_id
from schema.programs import programs
from schema.values import NativeId, Url

LONGEST_TITLE, LONGEST_ISSUER = 200, 200
MOST_EVIDENCE = 20
MOST_DIGITS, MOST_PLACES = 12, 6
AHEAD = timedelta(days=366)
"""How far in the future an activity may begin or end."""
EARLIEST = date(1980, 1, 1)
_URL: TypeAdapter[str] = TypeAdapter(Url)
_NATIVE_ID: TypeAdapter[str] = TypeAdapter(NativeId)


def check_draft(draft: RecordDraft, today: date) -> None:
    """Raise InvalidInput for the first thing that cannot be kept; `today` is a day of Asia/Shanghai."""
    _check_text("title", draft.title, LONGEST_TITLE)
    _check_text("issuer", draft.issuer, LONGEST_ISSUER)
    _check_days(draft, today)
    _check_quantity(draft.quantity)
    _check_evidence(draft.evidence)
    _check_program(draft.program)
    _check_resource(draft.resource)


def _check_text(name: str, text: str, longest: int) -> None:
    if not text.strip():
        raise InvalidInput(f"{name}: it is empty; 1 to {longest} characters are due")
    if len(text.strip()) > longest:
        raise InvalidInput(f"{name}: {len(text.strip())} characters; at most {longest} are possible")
    if not text.strip().isprintable():
        raise InvalidInput(f"{name}: leave out line breaks and control characters")
    if has_national_id(text):
        raise InvalidInput(f"{name}: leave out the national id; it is never stored")


def _check_days(draft: RecordDraft, today: date) -> None:
    if draft.ends_on is not None and draft.ends_on < draft.starts_on:
        raise InvalidInput(f"endsOn: {draft.ends_on} is before startsOn, {draft.starts_on}")
    latest = today + AHEAD
    for name, day in (("startsOn", draft.starts_on), ("endsOn", draft.ends_on)):
        if day is not None and not EARLIEST <= day <= latest:
            raise InvalidInput(f"{name}: {day} is not between {EARLIEST} and {latest}")


def _check_quantity(quantity: Decimal) -> None:
    if not quantity.is_finite() or quantity <= 0:
        raise InvalidInput(f"quantity: {quantity} is not greater than 0")
    exponent = quantity.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MOST_PLACES:
        raise InvalidInput(f"quantity: at most {MOST_PLACES} digits behind the point are kept; round it")
    if quantity >= Decimal(10) ** (MOST_DIGITS - MOST_PLACES):
        raise InvalidInput(f"quantity: it is not less than {10 ** (MOST_DIGITS - MOST_PLACES)}")


def _check_evidence(evidence: tuple[str, ...]) -> None:
    if len(evidence) > MOST_EVIDENCE:
        raise InvalidInput(f"evidence: {len(evidence)} addresses; at most {MOST_EVIDENCE} are possible")
    for place, url in enumerate(evidence):
        try:
            _URL.validate_python(url)
        except ValidationError:
            reason = "is no address that begins with http:// or https://, without spaces, of at most 2000 characters"
            raise InvalidInput(f"evidence: the {place + 1}. entry {reason}") from None
        if has_national_id(url) or "\0" in url:
            raise InvalidInput(f"evidence: the {place + 1}. entry holds a national id or NUL, which is never stored")


def _check_program(program: str | None) -> None:
    known = sorted(programs())
    if program is not None and program not in known:
        raise InvalidInput(f"program: {program[:100]!r} is not known; there are {', '.join(known)}")


def _check_resource(resource: tuple[str, str] | None) -> None:
    if resource is None:
        return
    try:
        _NATIVE_ID.validate_python(resource[1])
    except ValidationError:
        raise InvalidInput("resourceId: it is the id of no resource") from None
    if has_national_id(resource[1]):
        raise InvalidInput("resourceId: it holds a national id, which is never stored")
