"""XML or JSON that a platform sends inside of a string."""

from typing import Any, Literal

from connectors.extraction.json_body import BYTE_ORDER_MARK, read_json
from connectors.extraction.xml_body import read_xml

Embedded = Literal["json", "xml"]


def decode_embedded(value: Any, kind: Embedded) -> Any:
    """The value or root element that a text holds; what is no text is returned as it is, blank text as None.

    Raises `JsonError` or `XmlError`, which are both `ValueError`.
    """
    if not isinstance(value, str):
        return value
    written = value.strip()
    if not written:
        return None
    if kind == "json":
        return read_json(written.encode())
    # the text is decoded already, whatever its declaration says
    return read_xml(BYTE_ORDER_MARK + written.encode())
