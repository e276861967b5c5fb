"""What people write about records: reasons and notes, bounded and without national ids."""

from gateway.errors import InvalidInput
from schema.national_ids import has_national_id

LONGEST = 500


def check_reason(name: str, text: str) -> str:
    """A reason that was given, tidied; raises InvalidInput where there is none."""
    if not text.strip():
        raise InvalidInput(f"{name}: say why, in at most {LONGEST} characters and without names of people")
    return check_note(name, text) or ""


def check_note(name: str, text: str | None) -> str | None:
    """A note, tidied; raises InvalidInput for one that is too long or holds a national id."""
    if text is None or not text.strip():
        return None
    if len(text) > LONGEST:
        raise InvalidInput(f"{name}: {len(text)} characters; at most {LONGEST} are kept")
    if "\0" in text:
        raise InvalidInput(f"{name}: leave out the character NUL")
    if has_national_id(text):
        raise InvalidInput(f"{name}: leave out the national id; it is never stored")
    return text.strip()
