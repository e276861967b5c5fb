"""The name on a vCard, which is how LOM writes people."""

import re
from typing import Any

from connectors.manifest.transforms.reading import shown, text

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"(?:[A-Za-z0-9-]+\.)?(FN|N)((?:;[^:\n]*)?):([^\r\n]*)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)")
_HAN = re.compile(r"[\u3400-\u9fff]")


def vcard_name(value: Any) -> str:
    r"""The name from a vCard 3 or 4: `FN`, or family and given name of `N` where it is missing.

    >>> vcard_name("BEGIN:VCARD\nVERSION:3.0\nN:陈;老师;;;\nFN:陈老师\nEND:VCARD")
    '陈老师'
    """
    written = text(value)
    if "BEGIN:VCARD" not in written.upper():
        raise ValueError(f"a vCard was expected, not {shown(value)}")
    found: dict[str, str] = {}
    for line in _FOLD.sub("", written).splitlines():
        match = _LINE.fullmatch(line.strip())
        if match and "QUOTED-PRINTABLE" not in match[2].upper() and match[3].strip(" ;"):
            found.setdefault(match[1].upper(), match[3].strip())
    name = _unescaped(found["FN"]) if "FN" in found else _structured(found.get("N", ""))
    if not name:
        raise ValueError(f"the vCard holds no name: {shown(value)}")
    return name


def _structured(written: str) -> str:
    """Family and given name; a name in Chinese characters has no blank and begins with the family."""
    family, given = ([_unescaped(part) for part in re.split(r"(?<!\\);", written)] + ["", ""])[:2]
    return family + given if _HAN.search(family + given) else f"{given} {family}".strip()


def _unescaped(written: str) -> str:
    return _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], written).strip()
