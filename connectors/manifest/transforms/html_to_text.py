"""HTML as plain text."""

import html
import re
from typing import Any

from connectors.manifest.transforms.reading import text

_HIDDEN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h[1-6]|/tr)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")


def html_to_text(value: Any) -> str:
    """The text of an HTML fragment: tags removed, entities resolved, blocks on lines of their own.

    >>> html_to_text("<p>勾股定理&nbsp;&amp; 证明</p><script>x()</script><p>a &lt; b</p>")
    '勾股定理 & 证明\\na < b'
    """
    visible = text(value)
    if "<" in visible or "&" in visible:
        visible = html.unescape(_TAG.sub("", _BREAK.sub("\n", _HIDDEN.sub("", visible))))
    if "\n" not in visible:
        return " ".join(visible.split())
    return _LINES.sub("\n", _BLANKS.sub(" ", visible)).strip()
