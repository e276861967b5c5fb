"""Keys that copies of one work share across platforms: copies are grouped by them, never merged.

A file's checksum is proof. Beside it, records of the same title, kind, stages and named lecturers or authors are taken
for copies of one work; without a named person or with a very short title no such key is made, because 第一课 by nobody
is everywhere.
"""

import functools
import hashlib

from schema.people import ContributorRole
from schema.resources import ResourceRecord
from schema.text import copy_form

SHORTEST_TITLE = 4
SHORTEST_CHECKSUM = 16
LONGEST_KEY = 80
NAMED_ROLES = frozenset({ContributorRole.LECTURER, ContributorRole.AUTHOR})

normalized = functools.lru_cache(maxsize=8_192)(copy_form)
"""Names of people come again with every record."""


def copy_keys(record: ResourceRecord) -> frozenset[str]:
    """Every key of one record, at most 80 characters each."""
    keys = {_file_key(file.checksum) for file in record.files if file.checksum}
    keys.add(_work_key(record))
    return frozenset(key for key in keys if key)


def _file_key(checksum: str) -> str | None:
    value = checksum.strip().lower()
    if len(value) < SHORTEST_CHECKSUM:
        return None
    key = f"file:{value}"
    return key if len(key) <= LONGEST_KEY else f"file:{hashlib.sha256(value.encode()).hexdigest()}"


def _work_key(record: ResourceRecord) -> str | None:
    people = sorted(
        {normalized(person.name) for person in record.contributors if person.name and person.role in NAMED_ROLES}
    )
    if not any(people):
        return None
    title = normalized(record.title)
    if len(title) < SHORTEST_TITLE:
        return None
    parts = (title, record.kind, "\x1f".join(people), "\x1f".join(sorted(record.stages)))
    return f"work:{hashlib.sha256('|'.join(parts).encode()).hexdigest()}"
