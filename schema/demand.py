"""Words for 需求订单: what schools ask each other for."""

from enum import StrEnum


class DemandState(StrEnum):
    """Life of a demand order; WITHDRAWN by its requester, DECLINED by whoever was asked."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    FULFILLED = "FULFILLED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
