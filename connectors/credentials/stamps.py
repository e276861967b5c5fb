"""What makes a signed request unlike any other: timestamps and nonces in the spellings platforms ask for."""

import secrets
import string
import uuid
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Annotated, Literal

from pydantic import Field

from schema.records import Record

CHINA = timezone(timedelta(hours=8))

TimestampForm = Literal["seconds", "milliseconds", "iso", "rfc822", "yyyyMMddHHmmss", "yyyy-MM-dd HH:mm:ss"]

_ALPHABETS = {
    "hex": "0123456789abcdef",
    "digits": string.digits,
    "letters": string.ascii_letters,
    "alphanumeric": string.ascii_letters + string.digits,
}


class NonceForm(Record):
    """`{style: digits, length: 8}`; the default is 32 hexadecimal digits. A `uuid` has its own length of 36."""

    style: Literal["hex", "digits", "letters", "alphanumeric", "uuid"] = "hex"
    length: Annotated[int, Field(ge=6, le=128)] = 32

    def fresh(self) -> str:
        """A nonce nobody can guess."""
        if self.style == "uuid":
            return str(uuid.uuid4())
        if self.style == "hex":
            return f"{secrets.randbits(4 * self.length):0{self.length}x}"
        alphabet = _ALPHABETS[self.style]
        # one number, every nonce as likely as any other, instead of a question to the system for each character
        number, characters = secrets.randbelow(len(alphabet) ** self.length), []
        for _ in range(self.length):
            number, place = divmod(number, len(alphabet))
            characters.append(alphabet[place])
        return "".join(characters)


def timestamp(now: datetime, form: TimestampForm) -> str:
    """`now` as the platform wants it: `iso` and `rfc822` are UTC to the second, the two patterns China time."""
    match form:
        case "seconds":
            return str(int(now.timestamp()))
        case "milliseconds":
            return str(round(now.timestamp() * 1000))
        case "iso":
            return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case "rfc822":
            return format_datetime(now.astimezone(UTC), usegmt=True)
        case "yyyyMMddHHmmss":
            return now.astimezone(CHINA).strftime("%Y%m%d%H%M%S")
        case "yyyy-MM-dd HH:mm:ss":
            return now.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
