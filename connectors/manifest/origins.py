"""Origins as manifests write them: scheme, host and port."""

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from connectors.transport.urls import origin


def _valid_origin(text: str) -> str:
    try:
        found = origin(text)
    except ValueError as error:
        raise PydanticCustomError("origin", "{reason}", {"reason": str(error)}) from error
    if text.rstrip("/").lower() != found:
        raise PydanticCustomError("origin", "an origin has no path, query or user: {origin}", {"origin": found})
    return found


Origin = Annotated[str, AfterValidator(_valid_origin)]
"""An origin in its one canonical spelling."""
