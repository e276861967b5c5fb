"""The failure table: which answers are failures, and what follows from them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, model_validator

from connectors.extraction import Expression, JmesPath, compile_expression, truthy
from connectors.transport import Response, retry_after_seconds
from schema.records import Record

MESSAGE_CHARACTERS = 300


class Outcome(StrEnum):
    """What follows from a failure."""

    RETRY = "retry"
    THROTTLE = "throttle"
    REFRESH_CREDENTIAL = "refreshCredential"
    SKIP_RECORD = "skipRecord"
    STOP = "stop"


def _texts(value: Any) -> Any:
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(str(item) if isinstance(item, int) and not isinstance(item, bool) else item for item in values)


def _valid_status(status: str) -> str:
    if not re.fullmatch(r"[1-5](?:\d\d|xx)", status):
        raise ValueError("a status is three digits such as 503, or a class such as 5xx")
    return status


Statuses = Annotated[tuple[Annotated[str, AfterValidator(_valid_status)], ...], BeforeValidator(_texts)]


class Failure(Record):
    """One row: every condition that is named has to hold.

    `status` is a code, a class such as `5xx`, or a list of them; `body` is a JMESPath on the decoded answer;
    `contentType` is the beginning of a media type; `record` is a JMESPath on one record and goes with `skipRecord`.
    `message` finds the platform's own words.
    """

    status: Statuses = ()
    body: JmesPath | None = None
    content_type: str | None = None
    record: JmesPath | None = None
    outcome: Outcome
    message: JmesPath | None = None

    @model_validator(mode="after")
    def _conditions(self) -> Self:
        if (self.record is not None) != (self.outcome is Outcome.SKIP_RECORD):
            raise ValueError("a condition on a record and the outcome skipRecord go together")
        if not self.status and self.body is None and self.content_type is None and self.record is None:
            raise ValueError("a row needs a condition: status, body, contentType or record")
        return self


@dataclass(frozen=True, slots=True)
class Failed:
    """A failure that was recognized: what follows, in whose words, and how long to wait if that was said."""

    outcome: Outcome
    message: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    statuses: tuple[str, ...]
    body: Expression | None
    content_type: str | None
    outcome: Outcome
    message: Expression | None

    def matches(self, response: Response, body: Any, media_type: str) -> bool:
        if self.statuses:
            status = str(response.status)
            if status not in self.statuses and status[0] + "xx" not in self.statuses:
                return False
        if self.content_type is not None and not media_type.startswith(self.content_type.lower()):
            return False
        return self.body is None or truthy(self.body(body))


class FailureTable:
    """The rows of a manifest in their order, and after them what HTTP itself says."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        self._rows = [
            _Row(
                failure.status,
                compile_expression(failure.body) if failure.body else None,
                failure.content_type,
                failure.outcome,
                compile_expression(failure.message) if failure.message else None,
            )
            for failure in failures
            if failure.record is None
        ]

    def judge(self, response: Response, body: Any, now: datetime) -> Failed | None:
        """The failure an answer stands for, None for a good answer; `body` is None where it is no JSON."""
        media_type = response.headers.get("content-type", "").lower()
        found = next((row for row in self._rows if row.matches(response, body, media_type)), None)
        outcome = found.outcome if found is not None else outcome_of_status(response.status)
        if outcome is None:
            return None
        said = found.message(body) if found is not None and found.message else None
        retry_after = retry_after_seconds(response.headers.get("retry-after"), now)
        return Failed(outcome, _words(said) or f"HTTP {response.status}", retry_after)


def outcome_of_status(status: int) -> Outcome | None:
    """What a status means where the manifest says nothing."""
    if 200 <= status < 300:
        return None
    if status in (401, 403):
        return Outcome.REFRESH_CREDENTIAL
    if status == 429:
        return Outcome.THROTTLE
    return Outcome.RETRY if status >= 500 or status in (408, 425) else Outcome.STOP


def _words(said: Any) -> str | None:
    return None if said is None or said == "" else str(said)[:MESSAGE_CHARACTERS]
