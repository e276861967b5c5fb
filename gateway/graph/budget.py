"""What one request may cost: nested lists multiply, which no limit on the document's text can see.

Prices are said once, here and in gateway/graph/costs.py; an operation is estimated by them before it runs, and what it
really does is counted against the same limit while it runs.
"""

from gateway.errors import LimitExceeded

UNITS = 10_000
"""Units of a request: 50 aliased pages of 100 results, or a page of 100 results with 20 related ones each, fit in."""
CATALOG_CALL = 20
"""Units of one search, facet count, completion or page of links; one resource shown costs one, its usage one more."""
PLATFORM_CALL = 50
"""Units of asking one platform live, on top of the search: it costs us more than a page of the catalog, and it costs
the platform, which is not ours. Searches LIVE and AUTO and `searchStream` pay for every platform they may ask."""
REPORT = 10 * CATALOG_CALL
"""Units of one report, which takes about as long as ten searches."""
CELLS = 5
"""Cells of a report that are shown for one unit, since each has about a fifth of the fields of a resource."""
CHECK = 2_500
"""Units of one check of a manifest: four fit in one request, since the largest keeps a processor busy for seconds."""


class Budget:
    """Units left for one request."""

    def __init__(self, units: int = UNITS) -> None:
        self._units = units
        self._left = units

    @property
    def spent(self) -> int:
        """Units taken so far, those that were refused included."""
        return self._units - self._left

    def renewed(self) -> "Budget":
        """As many units as these were at first."""
        return Budget(self._units)

    def spend(self, units: int) -> None:
        """Take units; raises LimitExceeded when there are not enough left."""
        self._left -= units
        if self._left < 0:
            raise LimitExceeded(
                f"the lists of this request multiply to more than {self._units} units (a resource costs 1, "
                f"a search or a list of links {CATALOG_CALL}, a platform asked live {PLATFORM_CALL}, "
                f"a report {REPORT} and 1 for every {CELLS} cells); "
                "ask for fewer, or page by page"
            )
