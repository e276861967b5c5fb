"""Lists as text."""

from typing import Any

from connectors.manifest.transforms.reading import fitting, text

TAKES_LISTS = True


def joined_by(value: Any, *, separator: str = "\n") -> str | None:
    """The texts of a list in one, with `separator` between them (a line break by default); one text stays as it is.

    >>> joined_by(["勾股定理", "证明"], separator="；")
    '勾股定理；证明'
    """
    parts = [text(item) for item in (value if isinstance(value, list) else [value]) if item is not None]
    kept = [part for part in parts if part]
    fitting(sum(map(len, kept)) + len(separator) * len(kept))
    return separator.join(kept) or None
