"""The life of records in a draft: which are gone, and how changes are asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.drafts import names
from connectors.drafts import values as looks
from connectors.drafts.columns import Place, jmespath, xpath
from connectors.drafts.names import folded
from connectors.drafts.writing import Block, flow

_LIVE = frozenset(("online", "published", "normal", "active", "已发布", "上线", "已上线", "正常"))
_FORMATS = {
    "epochMilliseconds": "epochMilliseconds",
    "epochSeconds": "epochSeconds",
    "localDateTime": "localDateTime",
    "isoDateTime": "iso",
    "date": "date",
}


def guess_deleted(places: Sequence[Place], *, in_xml: bool = False) -> str | None:
    """A predicate that is true of records the platform says are gone, None where nothing says so."""
    render = xpath if in_xml else jmespath
    near = [place for place in places if place.depth == 0 and not place.many and place.names]
    for place in near:
        if place.names[0] in names.DELETED:
            return _flag(render(place.steps, True), place, in_xml=in_xml)
    for place in near:
        if place.names[0] in names.STATUS and place.values:
            path, words = render(place.steps, True), place.distinct
            gone = [word for word in words if word.lower() in names.GONE]
            if gone:
                return " or ".join(f"{path} = {_text(word)}" for word in gone) if in_xml else _any(path, gone)
            if len(words) == 1 and words[0].lower() in _LIVE:
                joiner, differs = (" and ", "!=") if in_xml else (" && ", "!=")
                return f"{path}{joiner}{path} {differs} {_text(words[0])}"
    return None


def _any(path: str, gone: Sequence[str]) -> str:
    return " || ".join(f"{path} == {_text(word)}" for word in gone)


def _flag(path: str, place: Place, *, in_xml: bool) -> str | None:
    kinds = {type(value) for value in place.values}
    if in_xml:
        return f"{path} = '1' or {path} = 'true'"
    if not place.values or kinds == {bool}:
        return path
    if kinds == {int}:
        return f"{path} == `1`" if set(place.values) <= {0, 1} else path
    if looks.instants(place.values) is not None:
        return path
    truths = [word for word in place.distinct if word.lower() in ("1", "y", "yes", "true", "是", "t")]
    return _any(path, truths or ["1"])


def _text(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"


def draft_incremental(keys: Block, changed: Any, query: Mapping[str, str]) -> None:
    """`incremental:` where the address asks for changes, else a remark that says how it would be written."""
    if keys.get("protocol") in ("oai-pmh", "xapi", "files") or keys.get("incremental") is not None:
        return
    written = _format(changed)
    parameter = next((name for name in query if folded(name) in names.SINCE), None)
    if parameter is not None:
        keys.put("incremental", {"parameter": parameter, "format": written}, "guess: the address asks for it")
    else:
        meant = flow({"parameter": "updatedSince", "format": written})
        keys.remark(f"incremental: {meant} where the platform can be asked for what changed")


def _format(changed: Any) -> str:
    transform = changed.get("transform") if isinstance(changed, dict) else None
    first = transform[0] if isinstance(transform, list) else transform
    return _FORMATS.get(first if isinstance(first, str) else next(iter(first or {}), ""), "iso")
