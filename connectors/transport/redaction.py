"""Taking secrets out of what is shown to people: headers, addresses and bodies."""

import base64
import functools
import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

MASK = "•••"
_SENSITIVE = re.compile(
    r"authorization|cookie|token|secret|passw(?:or)?d|pwd|passphrase|signature|\bsign\b|api[-_]?key|app[-_]?key|credential",
    re.IGNORECASE,
)
_QUERY = re.compile(r"(?P<name>[?&][^=&#\s]*)=(?P<value>[^&#\s]*)")
_JSON = re.compile(r'"(?P<name>[^"\\]{1,64})"(?P<colon>\s*:\s*)"(?P<value>(?:[^"\\]|\\.)*)"')


class Redactor:
    """Masks known secret values in any spelling they travel in, and whatever stands under a telling name."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        spellings = {form for secret in secrets if secret for form in _spellings(secret)}
        # the longest first, so that a secret inside another does not leave the rest behind
        self._known = sorted(spellings, key=len, reverse=True)

    def text(self, text: str) -> str:
        """`text` without known secrets and without string values of telling JSON names."""
        return _JSON.sub(_mask_json, self.without_known(text))

    def url(self, url: str) -> str:
        """`url` without known secrets and without values of telling parameters."""
        return _QUERY.sub(_mask_query, self.without_known(url))

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """`headers` with the values of telling names masked."""
        return {name: MASK if _SENSITIVE.search(name) else self.without_known(value) for name, value in headers.items()}

    def knows(self, text: str) -> bool:
        """Whether a known secret stands in `text`."""
        return any(secret in text for secret in self._known)

    def without_known(self, text: str) -> str:
        """`text` without known secrets."""
        for secret in self._known:
            text = text.replace(secret, MASK)
        return text


@functools.lru_cache(maxsize=1024)
def _spellings(secret: str) -> frozenset[str]:
    encoded = {quote(secret, safe=""), quote_plus(secret), base64.b64encode(secret.encode()).decode()}
    escaped = {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    return frozenset({secret} | encoded | escaped)


def _mask_json(match: re.Match[str]) -> str:
    if not _SENSITIVE.search(match["name"]):
        return match[0]
    return f'"{match["name"]}"{match["colon"]}"{MASK}"'


def _mask_query(match: re.Match[str]) -> str:
    return f"{match['name']}={MASK}" if _SENSITIVE.search(match["name"]) else match[0]
