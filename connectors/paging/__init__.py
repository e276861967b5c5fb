"""Where the next page is: one specification per way of paging, found by name, each building its own pager."""

from typing import Annotated

from connectors.components import one_of
from connectors.paging.model import Paging
from connectors.paging.steps import Answer, Pager, Step

PagingSpec = Annotated[Paging, one_of("connectors.paging", Paging, "kind")]
"""Any way of paging, told apart by `kind`."""

__all__ = ["Answer", "Pager", "PagingSpec", "Step"]
