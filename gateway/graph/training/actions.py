"""The frame of every action on training and agreements: failures raised on purpose as errors of the payload."""

from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from strawberry.utils.str_converters import to_camel_case

from gateway.errors import Forbidden, GatewayError, LimitExceeded, PurposeRequired
from gateway.graph.connectors.payloads import UserError
from gateway.graph.context import GraphContext, Info
from gateway.graph.training.linked import TrainingRecord
from gateway.graph.training.payloads import TrainingRecordPayload, error_of
from gateway.training.views import RecordView

T = TypeVar("T")

NEVER_A_REFUSAL = (Forbidden, PurposeRequired, LimitExceeded)
"""Failures of the request rather than of the action: they are GraphQL errors, as everywhere else."""


async def attempt(
    context: GraphContext, action: Callable[[], Awaitable[T]], arguments: Collection[str], entered: type | None = None
) -> tuple[T | None, list[UserError]]:
    """What an action answered, or why it was refused.

    `arguments` are those of the mutation; `entered` is the class of its argument `input`, whose fields stand below it.
    """
    try:
        return await action(), []
    except NEVER_A_REFUSAL:
        raise
    except GatewayError as error:
        fields = [to_camel_case(name) for name in entered.__annotations__] if entered else []
        return None, [error_of(error, arguments, fields)]
    finally:
        context.training.forget()


async def act_on_record(
    info: Info, action: Callable[[], Awaitable[RecordView]], arguments: Collection[str], entered: type | None = None
) -> TrainingRecordPayload:
    """Carry out an action on one record."""
    view, errors = await attempt(info.context, action, arguments, entered)
    return TrainingRecordPayload(record=TrainingRecord.of(view, info) if view else None, errors=errors)
