"""Whether a record can hold a secret, told from what it was made of instead of from the record."""

import re
from base64 import b64encode
from collections.abc import Sequence
from urllib.parse import quote, quote_plus

from connectors.manifest.mapping import SHORTEST_REFUSED

_PLAIN = re.compile(r"[A-Za-z0-9_.~/+=-]+")


class Watch:
    """Looks for secrets in what records are made of: the raw record, and every text that is not a part of it.

    `certain` is false where that does not suffice and the record itself has to be looked through. It suffices for
    secrets of plain characters: JSON escapes none of them, and none stands between two of its values, so that a record
    can only hold such a secret inside one of its texts.
    """

    def __init__(self, secrets: Sequence[str], spoken: bytes = b"") -> None:
        """`spoken` is JSON of what every record says: the names of its fields, its constants."""
        telling = [secret for secret in secrets if len(secret) >= SHORTEST_REFUSED]
        forms = {form.encode() for secret in telling for form in _spellings(secret)}
        self._forms = tuple(forms)
        self.certain = all(_PLAIN.fullmatch(secret) for secret in telling) and not self.sees(spoken)

    def sees(self, text: bytes) -> bool:
        """Whether a secret stands in JSON text."""
        for form in self._forms:  # noqa: SIM110  # as fast as it can be, for every record is looked through
            if form in text:
                return True
        return False


def _spellings(secret: str) -> set[str]:
    """How `Redactor` would spell a secret of plain characters."""
    return {secret, quote(secret, safe=""), quote_plus(secret), b64encode(secret.encode()).decode()}
