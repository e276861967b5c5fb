"""Signed links to exports: a link says the whole question, until when it holds, and that we wrote it.

Nothing is stored for a link, so every process that has the key serves it. Whoever has a link can have its file until it
expires; what it shows is what anybody may ask for.
"""

import base64
import hashlib
import hmac
import zlib
from dataclasses import asdict
from datetime import timedelta
from urllib.parse import urlencode

import orjson
from pydantic import TypeAdapter

from gateway.clock import Clock, utc_now
from gateway.errors import LimitExceeded
from gateway.statistics.errors import LinkExpired, LinkInvalid
from gateway.statistics.questions import ReportQuestion
from gateway.statistics.reports import ExportFormat

LONGEST_QUESTION = 6_000
"""Characters of a question in a link; proxies commonly pass on 8,000 of an address."""
_PURPOSE = "shanhai export 1"
"""Signed along, so that the key may serve for other things without one being taken for another."""
_QUESTIONS = TypeAdapter(ReportQuestion)


class Links:
    """Writes and reads links; `seconds` is how long one holds."""

    def __init__(self, key: bytes, seconds: int, clock: Clock = utc_now) -> None:
        self._key = key
        self._age = timedelta(seconds=seconds)
        self._clock = clock

    def path(self, question: ReportQuestion, file_format: ExportFormat) -> str:
        """Path and query of a link, from `/exports/` on; raises LimitExceeded for a question that is too long."""
        asked = _packed(question)
        if len(asked) > LONGEST_QUESTION:
            raise LimitExceeded(
                f"this question takes {len(asked)} characters in a link, which holds {LONGEST_QUESTION}; name fewer "
                "values in its filter, such as a province instead of all its districts"
            )
        expires = str(int((self._clock() + self._age).timestamp()))
        signature = self._signature(file_format, asked, expires)
        query = urlencode({"q": asked, "expires": expires, "signature": signature})
        return f"/exports/usage.{file_format.lower()}?{query}"

    def read(self, file_format: ExportFormat, asked: str, expires: str, signature: str) -> ReportQuestion:
        """The question of a link; raises LinkInvalid where a character of it was changed, LinkExpired where it is old.

        Nothing is unpacked before the signature has been found to be ours.
        """
        ours = self._signature(file_format, asked, expires)
        if not hmac.compare_digest(ours.encode(), signature.encode()):
            raise LinkInvalid("this link is not one of ours, or was changed; ask the report for exportUrl again")
        if self._clock().timestamp() > int(expires):
            raise LinkExpired("this link has expired; ask the report for exportUrl again")
        return _unpacked(asked)

    def _signature(self, file_format: ExportFormat, asked: str, expires: str) -> str:
        # no part that we sign holds a line break, so none can pass for another
        signed = "\n".join((_PURPOSE, file_format, expires, asked))
        return _text(hmac.digest(self._key, signed.encode(), hashlib.sha256))


def _packed(question: ReportQuestion) -> str:
    stated = {name: value for name, value in asdict(question).items() if value is not None}
    stated["filter"] = {name: value for name, value in stated["filter"].items() if value is not None}
    return _text(zlib.compress(orjson.dumps(stated), 9))


def _unpacked(asked: str) -> ReportQuestion:
    packed = base64.urlsafe_b64decode(asked + "=" * (-len(asked) % 4))
    return _QUESTIONS.validate_json(zlib.decompress(packed))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
