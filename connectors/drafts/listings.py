"""Where in a JSON answer the records are, what leads to the next page, and which answers are failures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.drafts import names
from connectors.drafts.columns import Steps, jmespath
from connectors.drafts.names import folded
from connectors.drafts.values import is_address, is_path
from connectors.drafts.writing import Block, shown

DEEPEST = 8
MOST_CANDIDATES = 5
ROUND = (10, 15, 20, 25, 30, 50, 100, 200, 250, 500, 1000)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A list that could be the records; `wrapped` where each stands below `node`, as in Relay connections."""

    steps: Steps
    records: list[Any]
    wrapped: bool = False

    @property
    def path(self) -> str:
        """Its path, `@` for the whole answer."""
        return jmespath(self.steps, False) + ("[].node" if self.wrapped else "")


def candidates(document: Any) -> list[Candidate]:
    """Lists of objects in an answer, the longest first; lists inside of records are none."""
    found = list(_lists(document, ()))
    return sorted(found, key=lambda one: (-len(one.records), len(one.steps)))


def _lists(value: Any, steps: Steps) -> Iterator[Candidate]:
    if isinstance(value, list):
        objects = [one for one in value if isinstance(one, dict)]
        if objects and len(objects) * 2 >= len(value):
            nodes = [one["node"] for one in objects if isinstance(one.get("node"), dict)]
            wrapped = len(nodes) == len(objects)
            yield Candidate(steps, nodes if wrapped else objects, wrapped)
    elif isinstance(value, dict) and len(steps) < DEEPEST:
        for key, inner in value.items():
            if isinstance(inner, dict | list) and 0 < len(key) <= 100:
                yield from _lists(inner, (*steps, key))


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value of the answer outside of its records."""

    steps: Steps
    value: Any

    @property
    def path(self) -> str:
        """Its path."""
        return jmespath(self.steps, False)


def scalars(document: Any, steps: Steps = ()) -> Iterator[Scalar]:
    """Every single value outside of lists."""
    if isinstance(document, dict) and len(steps) < DEEPEST:
        for key, value in document.items():
            if isinstance(value, dict):
                yield from scalars(value, (*steps, key))
            elif not isinstance(value, list) and 0 < len(key) <= 100:
                yield Scalar((*steps, key), value)


def _called(found: list[Scalar], words: tuple[str, ...], test: Any) -> Scalar | None:
    fitting = [one for one in found if folded(one.steps[-1]) in words and test(one.value)]
    return min(fitting, key=lambda one: words.index(folded(one.steps[-1])), default=None)


def _number(value: Any) -> bool:
    return (type(value) is int or (isinstance(value, str) and value.isdecimal())) and 0 <= int(value) < 10**12


def _token(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 2000 and not is_address(value)


def draft_paging(document: Any, count: int, query: Mapping[str, str]) -> Block:
    """The `paging:` of a section for an answer with so many records; empty where nothing speaks of pages."""
    outside = list(scalars(document))
    asked = {kind: _parameter(query, words) for kind, words in _ASKED.items()}
    total = _called(outside, names.TOTAL, _number)
    size = _called(outside, names.SIZE, lambda value: _number(value) and 0 < int(value) <= 100_000)
    wanted = query.get(asked["size"] or "", "")
    many = int(size.value) if size else int(wanted) if _number(wanted) and int(wanted) else max(count, 1)
    paging = _steps(outside, asked, many)
    if paging is None and (page := _called(outside, names.PAGE, _number) or asked["page"]):
        paging = _paged(asked["page"], page if isinstance(page, Scalar) else None, many)
    if paging is None and total and int(total.value) > count:
        paging = _paged(None, None, many)
    if paging is None:
        return Block()
    if asked["size"] or size:
        why = "the address asks for it" if asked["size"] else "the answer calls it so"
        paging.put("sizeParameter", asked["size"] or (size.steps[-1] if size else ""), f"guess: {why}")
        if paging.get("size") is None:
            paging.put("size", many)
    if total and int(total.value) == count and count in ROUND:
        paging.remark(f"total: {total.path} is as large as this page; if it counts the page, leave it out")
    elif total:
        paging.put("total", total.path, f"guess: called {total.steps[-1]}")
    return paging


def _steps(outside: list[Scalar], asked: Mapping[str, str | None], many: int) -> Block | None:
    """Paging by an address, a token or an offset, None where nothing speaks of them."""
    paging = Block()
    following = _called(outside, names.NEXT, lambda value: value is None or is_address(value) or is_path(value))
    token = _called(outside, names.TOKEN, _token)
    if following is not None:
        paging.put("kind", "nextUrl", f"guess: {following.path} holds the next address")
        paging.put("next", following.path)
    elif token is not None:
        paging.put("kind", "cursor", f"guess: {token.path} holds a token")
        missing = "" if asked["token"] else "needed: the parameter that takes the token"
        paging.put("parameter", asked["token"] or token.steps[-1], missing)
        paging.put("next", token.path)
        more = _called(outside, names.MORE, lambda value: isinstance(value, bool))
        if more is not None:
            paging.put("more", more.path)
    elif asked["offset"] and not asked["page"]:
        _counted(paging, "offset", asked["offset"], many, "the address asks for it")
    else:
        return None
    return paging


_ASKED = {
    "page": names.PAGE,
    "size": names.SIZE,
    "offset": names.OFFSET,
    "token": (*names.TOKEN, "after"),
}


def _parameter(query: Mapping[str, str], words: tuple[str, ...]) -> str | None:
    return next((name for name in query if folded(name.rpartition(".")[2]) in words), None)


def _paged(asked: str | None, page: Scalar | None, size: int) -> Block:
    paging = Block()
    why = "the address asks for it" if asked else f"{page.path} counts pages" if page else "there are more than came"
    _counted(paging, "page", asked or (page.steps[-1] if page else "page"), size, why)
    if page is not None and int(page.value) == 0:
        paging.put("first", 0, "guess: the sample's page is 0")
    return paging


def _counted(paging: Block, kind: str, parameter: str, size: int, why: str) -> None:
    paging.put("kind", kind, f"guess: {why}")
    paging.put("parameter", parameter, "guess: with a JSON body write the way to it, such as page.index")
    paging.put("size", max(size, 1))


def draft_failures(document: Any) -> list[tuple[dict[str, Any], str]]:
    """Rows of the failure table for answers that say by a code or a flag whether they are good."""
    if not isinstance(document, dict):
        return []
    said = {folded(key): key for key in document}
    message = next(
        (said[name] for name in ("msg", "message", "errmsg", "errormsg", "info", "error") if name in said), None
    )
    more = {"message": jmespath((message,), False)} if message else {}
    for name in ("success", "ok", "issuccess"):
        if name in said and document[said[name]] is True:
            path = jmespath((said[name],), False)
            return [({"body": f"{path} == `false`", "outcome": "stop", **more}, f"{path} is true in the sample")]
    for name in ("code", "errcode", "retcode", "resultcode", "status"):
        value = document.get(said.get(name, ""))
        if name in said and (value in (0, 200) or value in ("0", "200", "0000", "000000", "success", "SUCCESS")):
            path = jmespath((said[name],), False)
            literal = f"`{value}`" if type(value) is int else f"'{value}'"
            row = {"body": f"{path} && {path} != {literal}", "outcome": "stop", **more}
            return [(row, f"{path} is {shown(str(value), 20)} in the sample")]
    return []
