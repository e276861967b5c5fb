"""What an operator decides of the endpoint, as one value."""

from dataclasses import dataclass, field

from gateway.graph.budget import UNITS
from gateway.web.bodies import SECONDS
from gateway.web.documents import Documents
from gateway.web.gate import Gate


@dataclass(frozen=True, slots=True)
class Rules:
    """By which the endpoint takes and answers operations.

    `cost_limit` is the most units that one may be estimated to cost, `batching` the most operations of one array (0 for
    none). `partial_status` lets answers with errors beside their data have the status 294. `trusted_proxies` is how
    many proxies in front of us write `X-Forwarded-For`, and `graphiql` whether browsers are shown it. The body of a
    request may take `body_seconds` to come.
    """

    documents: Documents = field(default_factory=Documents)
    gate: Gate = field(default_factory=Gate)
    cost_limit: int = UNITS
    batching: int = 0
    partial_status: bool = False
    trusted_proxies: int = 0
    graphiql: bool = True
    body_seconds: float = SECONDS
