"""What an action on training answers: what it changed as it is now, and why something was refused."""

import re
from collections.abc import Collection

import strawberry
from strawberry.utils.str_converters import to_camel_case

from gateway.errors import GatewayError
from gateway.graph.connectors.payloads import UserError
from gateway.graph.context import Info
from gateway.graph.training.certificates import CERTIFICATE, Certificate
from gateway.graph.training.linked import LEDGER, LedgerEntry, TrainingRecord
from gateway.graph.training.shared import show
from gateway.training.views import CertificateView, EntryView

_PLACE = re.compile(r"(?:input\.)?(\w+)(?:\[(\d+)\])?:")
"""How messages of services begin that speak of an argument: `reason: …`, `evidence[0]: …`."""


@strawberry.type
class TrainingRecordPayload:
    """What an action on a record did."""

    record: TrainingRecord | None
    errors: list[UserError]


@strawberry.type
class ReviewTrainingPayload:
    """What a review did."""

    records: list[TrainingRecord]
    errors: list[UserError]


@strawberry.type
class LedgerPayload:
    """What an action on a ledger line did; the line is withheld where the viewer may not see the ledger."""

    view: strawberry.Private[EntryView | None]
    errors: list[UserError]

    @strawberry.field
    async def entry(self, info: Info) -> LedgerEntry | None:
        if not self.view:
            return None
        await _show_of_record(info, LEDGER, self.view.record)
        return LedgerEntry.of(self.view, info, LEDGER)


@strawberry.type
class CertificatePayload:
    """What an action on a certificate did; it is withheld where the viewer may not see certificates."""

    view: strawberry.Private[CertificateView | None]
    errors: list[UserError]

    @strawberry.field
    async def certificate(self, info: Info) -> Certificate | None:
        if not self.view:
            return None
        await _show_of_record(info, CERTIFICATE, self.view.record)
        return Certificate.of(self.view, info)


async def _show_of_record(info: Info, coordinate: str, identifier: str) -> None:
    record = await info.context.training.records.load(identifier)
    if record:
        show(info, coordinate, record)


def error_of(error: GatewayError, arguments: Collection[str], fields: Collection[str]) -> UserError:
    """A failure raised on purpose; its path is that of the argument that its message begins with, if any.

    `fields` are those of the argument `input`, and stand below it.
    """
    return UserError(code=error.code, message=error.message, path=_path(error.message, arguments, fields))


def _path(message: str, arguments: Collection[str], fields: Collection[str]) -> list[str] | None:
    found = _PLACE.match(message)
    if found is None:
        return None
    name, position = to_camel_case(found[1]), found[2]
    above = [] if name in arguments else ["input"] if name in fields else None
    return None if above is None else [*above, name, *([position] if position else [])]
