"""Yes and no."""

from typing import Any

from connectors.manifest.transforms.reading import shown

_WORDS = {
    **dict.fromkeys(("true", "yes", "y", "1", "on", "是", "有", "已"), True),
    **dict.fromkeys(("false", "no", "n", "0", "off", "否", "无", "未"), False),
}


def boolean_text(value: Any) -> bool:
    """True or false from true/false, 1/0, yes/no, Y/N or 是/否.

    >>> [boolean_text(sample) for sample in ("是", "N", 1, False)]
    [True, False, True, False]
    """
    found = _WORDS.get(str(value).strip().lower())
    if found is None:
        raise ValueError(f"yes or no was expected, not {shown(value)}")
    return found
