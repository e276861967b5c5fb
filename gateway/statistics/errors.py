"""What statistics refuses, as part of the gateway's error tree.

InvalidInput                     INVALID_INPUT
├── UnknownMeasure               MEASURE_UNKNOWN       a code that is no measure; says which are near
├── ImpossibleGrouping           GROUPING_IMPOSSIBLE   dimensions that reports of usage do not have, or twice the same
└── ImpossibleSpan               SPAN_IMPOSSIBLE       a last day before the first one
GatewayError
├── LinkInvalid                  LINK_INVALID          a link to an export that is not ours, or was changed
├── LinkExpired                  LINK_EXPIRED          a link to an export whose time is over
└── StatisticsBusy               REPORTS_BUSY          more reports are asked for than can be computed
"""

from gateway.errors import GatewayError, InvalidInput


class StatisticsBusy(GatewayError):
    """More reports are asked for than can be computed."""

    code = "REPORTS_BUSY"
    retryable = True


class UnknownMeasure(InvalidInput):
    """A code that is no measure of usage."""

    code = "MEASURE_UNKNOWN"


class ImpossibleGrouping(InvalidInput):
    """Dimensions that a report cannot be grouped by."""

    code = "GROUPING_IMPOSSIBLE"


class ImpossibleSpan(InvalidInput):
    """Days in the wrong order."""

    code = "SPAN_IMPOSSIBLE"


class LinkInvalid(GatewayError):
    """A link to an export that nobody here signed as it is."""

    code = "LINK_INVALID"


class LinkExpired(GatewayError):
    """A link to an export that held until some time ago."""

    code = "LINK_EXPIRED"
