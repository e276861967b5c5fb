"""Editing addresses: origins and query parameters, without disturbing what is already there."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote_plus, urljoin, urlsplit, urlunsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST_KEPT = 100
"""Characters of a text whose spelling in an address is remembered."""


def origin(url: str) -> str:
    """Scheme, host and port of `url` in one canonical spelling: lower case, no default port, no user.

    Raises `ValueError` unless the URL is absolute, http or https, with a host and a valid port.
    """
    parts = urlsplit(url)
    # urlsplit drops line feeds and tabs without a word, and a blank in a host is never meant
    readable = url.isprintable() and " " not in parts.netloc
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or not readable:
        raise ValueError("an absolute http or https address is needed, such as https://example.org/path")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port
    return f"{parts.scheme}://{host}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")


def with_origin(url: str, target: str) -> str:
    """`url` at the origin `target`; path and query stay as they are."""
    parts, other = urlsplit(url), urlsplit(target)
    return urlunsplit((other.scheme, other.netloc, parts.path, parts.query, ""))


def without_query(url: str) -> str:
    """What may be said about `url` in a message: origin and path, never user, query or fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(unreadable address)"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def query_pairs(url: str) -> list[tuple[str, str]]:
    """Names and values of the query in their order, decoded; empty values count."""
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


def with_query(url: str, values: Mapping[str, str]) -> str:
    """`url` with these parameters at the end of its query; the other parameters keep their exact spelling.

    A parameter that was there under one of the names is replaced. The fragment, which never travels, is dropped.
    """
    parts = urlsplit(url)
    kept = [piece for piece in parts.query.split("&") if piece and unquote_plus(piece.partition("=")[0]) not in values]
    added = encoded(values)
    query = "&".join([*kept, added] if added else kept)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


@lru_cache(maxsize=1_024)
def below(origin: str, path: str) -> str:
    """The address of a path at an origin, of which there are a few that are asked again and again."""
    return urljoin(origin, path)


def encoded(values: Mapping[str, str]) -> str:
    """A query of these parameters; blanks are written %20, and nothing but letters, digits and _.-~ stands as it is."""
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in values.items()])


@lru_cache(maxsize=4_096)
def _kept_quoted(text: str) -> str:
    return quote(text, safe="")


def _quoted(text: str) -> str:
    """Names, numbers and the words of one question come several times; what is long does not."""
    return _kept_quoted(text) if len(text) <= _LONGEST_KEPT else quote(text, safe="")
