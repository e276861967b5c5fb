"""Where the next page is: one specification per way of paging, each building its own pager."""

from connectors.paging.model import PagingSpec
from connectors.paging.steps import Answer, Pager, Step

__all__ = ["Answer", "Pager", "PagingSpec", "Step"]
