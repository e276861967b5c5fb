"""Region codes as clients send them."""

from collections.abc import Sequence

from gateway.errors import InvalidInput
from schema.errors import UnknownRegion
from schema.regions import region_tree


def known_regions(argument: str, codes: Sequence[str] | None) -> tuple[str, ...] | None:
    """The codes, each of which is a region; raises InvalidInput that names the argument and shows a code."""
    if codes is None:
        return None
    try:
        return tuple(region_tree().require(code).code for code in codes)
    except UnknownRegion as error:
        raise InvalidInput(f"{argument}: {error}; the field `regions` lists them") from error
