"""What an action answers: the connector or run as it is now, and why something was refused."""

import strawberry

from gateway.errors import GatewayError
from gateway.graph.connectors.reports import ManifestReport
from gateway.graph.linked import Connector, HarvestRun
from gateway.registry import ConnectorOutcome, Refusal

ARGUMENTS = {name: name for name in ("manifest", "credentials", "connectorId", "runId", "kind")} | {"run": "runId"}
"""Arguments of actions by the word that messages of the services begin with."""


@strawberry.type
class UserError:
    """Why an action was not carried out."""

    code: str
    message: str
    path: list[str] | None

    @classmethod
    def of(cls, row: Refusal) -> "UserError":
        """The error of a refusal."""
        return cls(code=row.code, message=row.message, path=list(row.path) or None)


@strawberry.type
class ConnectorPayload:
    """What an action on a connector did."""

    connector: Connector | None
    report: ManifestReport | None
    errors: list[UserError]

    @classmethod
    def of(cls, outcome: ConnectorOutcome) -> "ConnectorPayload":
        """The payload of an action's outcome."""
        return cls(
            connector=Connector.of(outcome.connector) if outcome.connector else None,
            report=ManifestReport.of(outcome.report) if outcome.report else None,
            errors=[UserError.of(refusal) for refusal in outcome.refusals],
        )


@strawberry.type
class HarvestPayload:
    """What an action on a harvest did."""

    run: HarvestRun | None
    errors: list[UserError]


def refusal_of(error: GatewayError) -> Refusal:
    """A failure raised on purpose as a refusal; its path is the argument that its message begins with, if any."""
    argument = ARGUMENTS.get(error.message.partition(":")[0])
    return Refusal(error.code, error.message, (argument,) if argument else ())
