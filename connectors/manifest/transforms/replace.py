"""Text for text."""

from typing import Any

from connectors.manifest.transforms.reading import fitting, text


def check_options(*, find: str = "", by: str = "") -> None:
    """There has to be something to replace."""
    del by
    if not find:
        raise ValueError("the option 'find' is the text to replace")


def replace(value: Any, *, find: str = "", by: str = "") -> str:
    """Text with every `find` replaced by `by`, letter by letter; patterns belong to `match`.

    >>> replace("初中（五四学制）", find="（五四学制）", by="")
    '初中'
    """
    before = text(value)
    fitting(len(before) + before.count(find) * (len(by) - len(find)))
    return before.replace(find, by)
