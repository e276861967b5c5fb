"""Which teacher somebody is who signs in: by our own id, or as a platform knows them."""

from sqlalchemy import Connection, select

from gateway.keyed import KeyedHash
from gateway.storage import Database
from gateway.storage.tables.training import TeacherAccountRow, TeacherRow

_TEACHERS = TeacherRow.metadata.tables[TeacherRow.__tablename__].c
_ACCOUNTS = TeacherAccountRow.metadata.tables[TeacherAccountRow.__tablename__].c
LONGEST = 400
"""Characters of what may name a teacher."""


def current_teacher(connection: Connection, teacher_id: str) -> str | None:
    """The person whom an id means now, which is another one after a link; None for one unknown, erased or divided."""
    alive = select(_TEACHERS.id).where(_TEACHERS.id == teacher_id, _TEACHERS.erased_at.is_(None))
    if connection.scalar(alive) is None:
        return None
    if connection.scalar(select(_ACCOUNTS.id).where(_ACCOUNTS.teacher_id == teacher_id).limit(1)) is not None:
        return teacher_id
    # the person was merged away; who they are now is plain only where all of their accounts went the same way
    moved = select(_ACCOUNTS.teacher_id).where(_ACCOUNTS.origin_id == teacher_id).distinct()
    people = connection.scalars(moved).all()
    if len(people) > 1:
        return None
    return people[0] if people else teacher_id


class TeacherDirectory:
    """Finds teachers by what a token says of them."""

    def __init__(self, database: Database, keys: KeyedHash) -> None:
        self._database, self._keys = database, keys

    async def find(self, text: str) -> str | None:
        """Our id of the teacher named by our id or as `platform:native id`; None where nobody is meant."""
        if len(text) > LONGEST or not text.isprintable():
            return None
        platform, is_native, native_id = text.partition(":")

        def read(connection: Connection) -> str | None:
            if not is_native:
                return current_teacher(connection, text)
            key = self._keys.hex("teacher", platform, native_id)
            here = (_ACCOUNTS.platform == platform, _ACCOUNTS.native_key == key, _ACCOUNTS.erased_at.is_(None))
            return connection.scalar(select(_ACCOUNTS.teacher_id).where(*here))

        async with self._database.reading() as connection:
            return await connection.run_sync(read)
