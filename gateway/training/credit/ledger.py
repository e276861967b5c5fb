"""Reading the ledger: lines of records and accounts, awards in force, and balances."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from gateway.storage.tables import LedgerEntryRow
from gateway.training.credit.loading import caps_of, in_force, portions
from gateway.training.credit.rules import Rules, load_rules
from gateway.training.views import EntryView
from schema.credit import CreditAccount

_LINES = LedgerEntryRow.metadata.tables["ledger_entries"]


def entries(connection: Connection, records: Collection[str]) -> Mapping[str, Sequence[EntryView]]:
    """Every line of each record that has any, oldest first."""
    found: dict[str, list[EntryView]] = defaultdict(list)
    for some in portions(records):
        query = select(_LINES).where(_LINES.c.record_id.in_(some)).order_by(_LINES.c.sequence)
        for entry in _views(connection, connection.execute(query)):
            found[entry.record].append(entry)
    return dict(found)


def entries_by_id(connection: Connection, ids: Collection[str]) -> Mapping[str, EntryView]:
    """Lines by id; unknown ids are absent."""
    found: dict[str, EntryView] = {}
    for some in portions(ids):
        rows = connection.execute(select(_LINES).where(_LINES.c.id.in_(some)))
        found.update((entry.id, entry) for entry in _views(connection, rows))
    return found


def entries_of_accounts(
    connection: Connection, accounts: Collection[str], first: date, last: date
) -> Sequence[EntryView]:
    """Lines of activities that began within days (both included), by activity day and then as they were written."""
    rows: list[Row[Any]] = []
    for some in portions(accounts):
        query = select(_LINES).where(_LINES.c.account_id.in_(some), _LINES.c.activity_on.between(first, last))
        rows.extend(connection.execute(query))
    return tuple(_views(connection, sorted(rows, key=lambda row: (row.activity_on, row.sequence))))


def awards_in_force(connection: Connection, records: Collection[str]) -> Mapping[str, EntryView]:
    """The award of each record that no line reverses."""
    found: dict[str, EntryView] = {}
    for some in portions(records):
        rows = connection.execute(in_force().where(_LINES.c.record_id.in_(some)))
        found.update((entry.record, entry) for entry in _views(connection, rows))
    return found


def balances(connection: Connection, accounts: Collection[str]) -> Mapping[str, Mapping[CreditAccount, Decimal]]:
    """Sums of lines in hours, by account of a teacher on a platform and then by account of the credit bank.

    Added up here, since SQLite keeps exact decimals as text.
    """
    found: dict[str, dict[CreditAccount, Decimal]] = {one: dict.fromkeys(CreditAccount, Decimal()) for one in accounts}
    for some in portions(accounts):
        query = select(_LINES.c.account_id, _LINES.c.account, _LINES.c.hours).where(_LINES.c.account_id.in_(some))
        for whose, account, hours in connection.execute(query):
            found[whose][CreditAccount(account)] += hours
    return found


def _views(connection: Connection, rows: Iterable[Row[Any]]) -> Iterable[EntryView]:
    listed = list(rows)
    rules = load_rules(connection) if listed else Rules()
    return [_view(row, rules) for row in listed]


def _view(row: Row[Any], rules: Rules) -> EntryView:
    return EntryView(
        id=row.id,
        account=CreditAccount(row.account),
        record=row.record_id,
        hours=row.hours,
        uncapped_hours=row.uncapped_hours,
        rule=rules.by_id[row.rule_id],
        caps_hit=caps_of(row.caps_hit),
        explanation=tuple(orjson.loads(row.explanation)),
        awarded_at=row.awarded_at,
        reverses=row.reverses_id,
    )
