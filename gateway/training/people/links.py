"""Which accounts are one person: links with their evidence, each of which can be undone."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, exists, insert, or_, select, update

from gateway.errors import Erased, InvalidInput, StateImpossible
from gateway.keyed import KeyedHash
from gateway.personal import AuditEvent
from gateway.storage import LEDGER, reserve_numbers
from gateway.storage.tables import TeacherAccountRow, TeacherLinkRow, TeacherRow
from gateway.training.credit.posting import Posting
from gateway.training.people.accounts import native_key
from gateway.training.records.auditing import Log, done
from gateway.training.texts import check_note, check_reason
from schema.national_ids import is_national_id

_TEACHERS = TeacherRow.metadata.tables["teachers"]
_ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
_LINKS = TeacherLinkRow.metadata.tables["teacher_links"]


class LinkEvidence(StrEnum):
    """On what a link rests: equal keyed hashes of a national id, or the word of an officer."""

    PSEUDONYM = "PSEUDONYM"
    OFFICER = "OFFICER"


@dataclass(frozen=True, slots=True)
class LinkView:
    """One link, by ids of ours."""

    id: str
    account: str
    platform: str
    from_teacher: str
    to_teacher: str
    evidence: LinkEvidence
    linked_by: str
    linked_at: datetime
    undone_by: str | None
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class NationalId:
    """One line of what an office knows: an account by platform and native id, and whose it is."""

    platform: str
    native_id: str
    national_id: str


@dataclass(frozen=True, slots=True)
class LinkOutcome:
    """How many accounts got a pseudonym, which links were made, and what was refused by line number."""

    marked: int
    links: tuple[str, ...]
    refused: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """The id of a link that was made, and its line for the audit log."""

    id: str
    event: AuditEvent


class Linking:
    """Links accounts and undoes it; every call is part of the caller's write transaction, and is audited in it."""

    def __init__(self, log: Log, posting: Posting, keys: KeyedHash) -> None:
        self._log, self._posting, self._keys = log, posting, keys

    def link(
        self,
        connection: Connection,
        now: datetime,
        account_a: str,
        account_b: str,
        evidence: LinkEvidence,
        note: str | None,
        by: str,
    ) -> str | None:
        """Make two accounts one person, the older of theirs; the id of the link, None where they are one already.

        Raises InvalidInput for an id of no account or a note with a national id, and Erased.
        """
        reserve_numbers(connection, LEDGER, 0)
        made = self._link(connection, now, account_a, account_b, evidence, check_note("note", note), by)
        if made is None:
            return None
        self._log.append(connection, now, made.event)
        return made.id

    def _link(
        self,
        connection: Connection,
        now: datetime,
        account_a: str,
        account_b: str,
        evidence: LinkEvidence,
        note: str | None,
        by: str,
    ) -> _Made | None:
        """Make a link, and leave it to the caller to write down that it was made."""
        one, other = (_account(connection, account) for account in (account_a, account_b))
        if one.teacher_id == other.teacher_id:
            return None
        kept, moved = _by_age(connection, one.teacher_id, other.teacher_id)
        pair = {one.teacher_id: one.id, other.teacher_id: other.id}
        values: dict[str, Any] = {"from_teacher": moved, "to_teacher": kept, "evidence": evidence, "note": note}
        values |= {"linked_by": by, "linked_at": now}
        leaving = connection.execute(select(_ACCOUNTS.c.id).where(_ACCOUNTS.c.teacher_id == moved)).scalars().all()
        rows = [{"id": secrets.token_hex(16), "account_id": account, **values} for account in sorted(leaving)]
        connection.execute(insert(_LINKS), rows)
        connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.teacher_id == moved).values(teacher_id=kept))
        self._posting.post(connection, now, [one.id, other.id])
        named = next(row["id"] for row in rows if row["account_id"] == pair[moved])
        detail = {"link": named, "evidence": evidence.value, "accounts": len(rows)}
        return _Made(str(named), done("linkTeacher", by, (kept, moved), detail))

    def undo(self, connection: Connection, now: datetime, link_id: str, by: str, reason: str) -> str:
        """Give an account back to the person it began as, whose id is returned; all of its links end.

        Raises InvalidInput for an id of no link or no reason, StateImpossible where it was undone, and Erased.
        """
        reserve_numbers(connection, LEDGER, 0)
        reason = check_reason("reason", reason)
        link = connection.execute(select(_LINKS).where(_LINKS.c.id == link_id)).one_or_none()
        if link is None:
            raise InvalidInput(f"{link_id[:100]!r} is not the id of a link; see `shanhai training links`")
        if link.undone_at is not None:
            raise StateImpossible(f"link {link_id} was undone on {link.undone_at:%Y-%m-%d} already")
        account = _account(connection, link.account_id)
        undone = {"undone_by": by, "undone_at": now, "undone_reason": reason}
        standing = (_LINKS.c.account_id == account.id, _LINKS.c.undone_at.is_(None))
        connection.execute(update(_LINKS).where(*standing).values(undone))
        back = {"teacher_id": account.origin_id}
        connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account.id).values(back))
        left = select(_ACCOUNTS.c.id).where(_ACCOUNTS.c.teacher_id == account.teacher_id)
        self._posting.post(connection, now, [account.id, *connection.execute(left).scalars()])
        persons = (account.teacher_id, account.origin_id)
        self._log.append(connection, now, done("unlinkTeacher", by, persons, {"link": link_id}))
        return str(account.origin_id)

    def set_national_ids(
        self, connection: Connection, now: datetime, rows: Sequence[tuple[int, NationalId]], by: str
    ) -> LinkOutcome:
        """Keep keyed hashes of national ids, each with its line number, and link accounts where two are equal.

        A link that was undone is not made again. The numbers themselves are neither stored nor told.
        """
        reserve_numbers(connection, LEDGER, 0)
        marked, links, refused = set[str](), list[_Made](), list[tuple[int, str]]()
        for line, row in rows:
            why = self._mark(connection, row)
            if isinstance(why, str):
                refused.append((line, why))
                continue
            marked.add(why.id)
            links.extend(self._join(connection, now, why, by))
        if marked:
            detail = {"accounts": len(marked), "links": len(links), "refused": len(refused)}
            for event in (*(link.event for link in links), done("setPseudonyms", by, (), detail)):
                self._log.append(connection, now, event)  # not before all is done: the log is locked from here on
        return LinkOutcome(len(marked), tuple(link.id for link in links), tuple(refused))

    def _mark(self, connection: Connection, row: NationalId) -> Row[Any] | str:
        """The account with its pseudonym set, or why that cannot be."""
        number = row.national_id.strip().upper()
        if not is_national_id(number):
            return "the third column is no national id: 18 digits with a right check digit, or 15"
        key = native_key(self._keys, row.platform.strip(), row.native_id.strip())
        found = (_ACCOUNTS.c.platform == row.platform.strip(), _ACCOUNTS.c.native_key == key)
        account = connection.execute(select(_ACCOUNTS).where(*found)).one_or_none()
        if account is None:
            return "no account of this platform has this native id; harvest its training first"
        if account.erased_at is not None:
            return "this account was erased"
        pseudonym = self._keys.hex("national-id", number)
        connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account.id).values(pseudonym=pseudonym))
        return connection.execute(select(_ACCOUNTS).where(_ACCOUNTS.c.id == account.id)).one()

    def _join(self, connection: Connection, now: datetime, account: Row[Any], by: str) -> list[_Made]:
        same = (_ACCOUNTS.c.pseudonym == account.pseudonym, _ACCOUNTS.c.id != account.id)
        others = connection.execute(select(_ACCOUNTS).where(*same).order_by(_ACCOUNTS.c.id)).all()
        joined = []
        for other in others:
            if not _was_undone(connection, account.id, other.id):
                made = self._link(connection, now, account.id, other.id, LinkEvidence.PSEUDONYM, None, by)
                joined += [made] if made is not None else []
        return joined


def links(connection: Connection, teacher: str | None = None, most: int = 1_000) -> list[LinkView]:
    """Links, newest first, of one person or of all."""
    source = _LINKS.join(_ACCOUNTS, _ACCOUNTS.c.id == _LINKS.c.account_id)
    query = select(_LINKS, _ACCOUNTS.c.platform).select_from(source)
    query = query.order_by(_LINKS.c.linked_at.desc(), _LINKS.c.id).limit(most)
    if teacher is not None:
        query = query.where(or_(_LINKS.c.from_teacher == teacher, _LINKS.c.to_teacher == teacher))
    named = tuple(name for name in LinkView.__slots__ if name not in ("account", "evidence"))
    return [
        LinkView(
            account=row.account_id,
            evidence=LinkEvidence(row.evidence),
            **{name: getattr(row, name) for name in named},
        )
        for row in connection.execute(query)
    ]


def _account(connection: Connection, account: str) -> Row[Any]:
    found = connection.execute(select(_ACCOUNTS).where(_ACCOUNTS.c.id == account)).one_or_none()
    if found is None:
        raise InvalidInput(f"{account[:100]!r} is not the id of an account, which has 32 hexadecimal digits")
    if found.erased_at is not None:
        raise Erased(f"account {account} was erased at the request of the person; it can be neither linked nor undone")
    return found


def _by_age(connection: Connection, *persons: str) -> tuple[str, str]:
    query = select(_TEACHERS.c.id).where(_TEACHERS.c.id.in_(persons))
    older, younger = connection.execute(query.order_by(_TEACHERS.c.created_at, _TEACHERS.c.id)).scalars()
    return older, younger


def _was_undone(connection: Connection, one: str, other: str) -> bool:
    """Whether a link between anything of the persons of these two accounts was undone."""
    ours, theirs = _person(connection, one), _person(connection, other)
    pairs = or_(*(_led(moved, kept) for moved, kept in ((ours, theirs), (theirs, ours))))
    return bool(connection.execute(select(exists().where(pairs, _LINKS.c.undone_at.is_not(None)))).scalar_one())


def _led(moved: Sequence[Any], kept: Sequence[Any]) -> Any:
    persons = {person for account in kept for person in (account.teacher_id, account.origin_id)}
    return _LINKS.c.account_id.in_([account.id for account in moved]) & _LINKS.c.to_teacher.in_(persons)


def _person(connection: Connection, account: str) -> list[Any]:
    """Accounts of the person that an account belongs to now."""
    whose = select(_ACCOUNTS.c.teacher_id).where(_ACCOUNTS.c.id == account).scalar_subquery()
    columns = (_ACCOUNTS.c.id, _ACCOUNTS.c.teacher_id, _ACCOUNTS.c.origin_id)
    return list(connection.execute(select(*columns).where(_ACCOUNTS.c.teacher_id == whose)))
