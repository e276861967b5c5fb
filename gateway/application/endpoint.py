"""The rules of the endpoint as the settings want them, and where it keeps documents that clients sent."""

from collections.abc import Callable, Sequence

from starlette.requests import HTTPConnection

from gateway.errors import InvalidInput
from gateway.graph.execution import Executor
from gateway.settings import Settings
from gateway.web import Documents, Gate, Rules, read_documents
from gateway.web.documents import Kept

KEPT_DOCUMENTS = 1_000
"""Automatically persisted queries that one process keeps in memory."""


def rules_of(settings: Settings, executor: Executor, find: Callable[[HTTPConnection], Kept]) -> Rules:
    """The rules of the endpoint; `find` gives where persisted queries are kept. Raises InvalidInput for bad files."""
    return Rules(
        documents=_documents(settings, executor, find),
        gate=Gate(settings.concurrency, settings.operation_seconds),
        cost_limit=settings.cost_limit,
        batching=settings.batching,
        partial_status=settings.partial_status,
        trusted_proxies=settings.trusted_proxies,
        graphiql=settings.graphiql,
        body_seconds=settings.body_seconds,
    )


def _documents(settings: Settings, executor: Executor, find: Callable[[HTTPConnection], Kept]) -> Documents:
    only_trusted = settings.documents == "trusted"
    if only_trusted and not settings.trusted_documents:
        raise InvalidInput("SHANHAI_DOCUMENTS=trusted answers nobody: name files in SHANHAI_TRUSTED_DOCUMENTS")

    def faults(text: str) -> Sequence[str]:
        return [error.message for error in executor.prepare(text).errors]

    trusted = read_documents(settings.trusted_documents, faults)
    return Documents(trusted, only_trusted, find if settings.persisted_queries else None)
