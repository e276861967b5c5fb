"""JSON bodies read into plain values."""

from typing import Any

import orjson

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class JsonError(ValueError):
    """Bytes that are no JSON; the message says where."""


def read_json(body: bytes) -> Any:
    """The JSON value of a body; a UTF-8 byte order mark, which some platforms send, is passed over."""
    try:
        return orjson.loads(body.removeprefix(BYTE_ORDER_MARK))
    except orjson.JSONDecodeError as error:
        raise JsonError(str(error)) from error
