"""Names of headers as manifests may write them."""

import re
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FRAMING = frozenset(("connection", "content-length", "expect", "host", "te", "transfer-encoding", "upgrade"))


def checked_header_name(name: str) -> str:
    """The name of a header of a request; raises `PydanticCustomError` for one that only the transport may set."""
    if not _TOKEN.fullmatch(name):
        raise PydanticCustomError("header", "{name} is no name of a header (RFC 9110)", {"name": repr(name)})
    if name.lower() in _FRAMING or name.lower().startswith("proxy-"):
        message = "the header {name} cannot be set: the address and the body say where a request goes and where it ends"
        raise PydanticCustomError("header", message, {"name": name})
    return name


HeaderName = Annotated[str, AfterValidator(checked_header_name)]
"""A header that says something about a request, not where it goes or where it ends."""
