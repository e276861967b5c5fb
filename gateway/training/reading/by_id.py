"""Records and teachers by their ids, and what hangs on records, as one principal may see them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from gateway.personal import Reach
from gateway.storage.tables import CertificateRow, TeacherAccountRow, TrainingRecordRow, TrainingVersionRow
from gateway.training.credit import ledger
from gateway.training.credit.activities import Cluster, Earns, judged, reports
from gateway.training.credit.loading import claims_of, earning_of, portions, standing_awards
from gateway.training.ports import ResourceStates
from gateway.training.reading.scopes import deciders
from gateway.training.reading.showing import record_decision, record_view, teacher_decision, teacher_view
from gateway.training.views import (
    CertificateView,
    EntryView,
    RecordEventView,
    RecordView,
    SameActivityView,
    TeacherView,
)
from schema.training import RecordState

RECORDS = TrainingRecordRow.metadata.tables["training_records"]
ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
_VERSIONS = TrainingVersionRow.metadata.tables["training_versions"]
_CERTIFICATES = CertificateRow.metadata.tables["certificates"]
LINES_SHOWN = frozenset({"TrainingRecord.ledger", "TrainingRecord.award"})
"""Either shows lines of a record."""


def select_records() -> Select[Any]:
    """Every column of records, and `teacher_id`, the person that each is of now."""
    return select(RECORDS, ACCOUNTS.c.teacher_id).join(ACCOUNTS, ACCOUNTS.c.id == RECORDS.c.account_id)


def records_by_id(connection: Connection, ids: Collection[str], reach: Reach) -> dict[str, RecordView]:
    """Records by id; those that are unknown or out of reach are absent."""
    found: dict[str, RecordView] = {}
    for some in portions(ids):
        for row in connection.execute(select_records().where(RECORDS.c.id.in_(some))):
            decision = record_decision(row, reach)
            if decision.visible:
                found[row.id] = record_view(row, decision)
    return found


def teachers_by_id(connection: Connection, ids: Collection[str], reach: Reach) -> dict[str, TeacherView]:
    """Teachers by id; those that are unknown, out of reach or merged into another one are absent.

    Of several accounts the one that shows most speaks, and among such ones the one that was updated last.
    """
    found: dict[str, TeacherView] = {}
    for some in portions(ids):
        rows = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.teacher_id.in_(some))).all()
        for row in speaking(rows, reach):
            found[row.teacher_id] = teacher_view(row, teacher_decision(row, reach))
    return found


def speaking(rows: Sequence[Row[Any]], reach: Reach) -> list[Row[Any]]:
    """Of each teacher the account that speaks for them, as `teachers_by_id` says; none where nothing may be shown."""
    best: dict[str, tuple[Any, Row[Any]]] = {}
    for row in rows:
        decision = teacher_decision(row, reach)
        rank = (len(decision.fields), row.updated_at, row.id)
        if decision.visible and (row.teacher_id not in best or rank > best[row.teacher_id][0]):
            best[row.teacher_id] = (rank, row)
    return [row for _, row in best.values()]


def history(connection: Connection, ids: Collection[str], reach: Reach) -> Mapping[str, Sequence[RecordEventView]]:
    """Events of records whose history is shown, oldest first."""
    found: dict[str, list[RecordEventView]] = defaultdict(list)
    for some in portions(shown(connection, ids, reach, {"TrainingRecord.history"})):
        wanted = select(_VERSIONS).where(_VERSIONS.c.record_id.in_(some))
        for row in connection.execute(wanted.order_by(_VERSIONS.c.record_id, _VERSIONS.c.version)):
            event = RecordEventView(row.at, row.by, RecordState(row.state), row.version, row.note)
            found[row.record_id].append(event)
    return found


def lines(connection: Connection, ids: Collection[str], reach: Reach) -> Mapping[str, Sequence[EntryView]]:
    """Every line of records whose ledger is shown, oldest first."""
    return ledger.entries(connection, shown(connection, ids, reach, {"TrainingRecord.ledger"}))


def awards(connection: Connection, ids: Collection[str], reach: Reach) -> Mapping[str, EntryView]:
    """Awards in force of records whose award is shown."""
    return ledger.awards_in_force(connection, shown(connection, ids, reach, {"TrainingRecord.award"}))


def entries_by_id(connection: Connection, ids: Collection[str], reach: Reach) -> dict[str, EntryView]:
    """Lines by id; those of records whose ledger and award are both withheld are absent."""
    found = ledger.entries_by_id(connection, ids)
    visible = shown(connection, [entry.record for entry in found.values()], reach, LINES_SHOWN)
    return {name: entry for name, entry in found.items() if entry.record in visible}


def certificates(connection: Connection, ids: Collection[str], reach: Reach) -> dict[str, CertificateView]:
    """The newest certificate of each record that has one and whose certificate is shown."""
    found: dict[str, CertificateView] = {}
    for some in portions(shown(connection, ids, reach, {"TrainingRecord.certificate"})):
        for view in _certificates(connection, select(_CERTIFICATES).where(_CERTIFICATES.c.record_id.in_(some))):
            found[view.record] = view
    return found


def certificates_by_id(connection: Connection, ids: Collection[str], reach: Reach) -> dict[str, CertificateView]:
    """Certificates by id; those of records whose certificate is withheld are absent."""
    found = [
        view
        for some in portions(ids)
        for view in _certificates(connection, select(_CERTIFICATES).where(_CERTIFICATES.c.id.in_(some)))
    ]
    visible = shown(connection, [view.record for view in found], reach, {"TrainingRecord.certificate"})
    return {view.id: view for view in found if view.record in visible}


def same_activity(
    connection: Connection, resources: ResourceStates, ids: Collection[str], reach: Reach, *, samples: bool
) -> dict[str, SameActivityView]:
    """Activities that several records report, by each of the records asked for; only records in reach are named.

    A record that nobody else reports, as far as may be seen, is absent.
    """
    wanted = shown(connection, ids, reach, {"TrainingRecord.sameActivity"})
    persons: set[str] = set()
    for some in portions(wanted):
        query = select(ACCOUNTS.c.teacher_id).join(RECORDS, RECORDS.c.account_id == ACCOUNTS.c.id)
        persons.update(connection.execute(query.where(RECORDS.c.id.in_(some)).distinct()).scalars())
    several = [
        together
        for claims in claims_of(connection, resources, persons).values()
        for together in reports(claims)
        if len(together) > 1 and any(claim.id in wanted for claim in together)
    ]
    if not several:
        return {}
    every = [claim for together in several for claim in together]
    standing = standing_awards(connection, {claim.person for claim in every})
    earns = earning_of(connection, every, standing, samples=samples).earns
    visible = records_by_id(connection, [claim.id for claim in every], reach)
    views = [_as_seen(together, visible, earns, standing) for together in several]
    return {name: view for view in views if len(view.records) > 1 for name in view.records if name in wanted}


def _as_seen(together: Cluster, visible: Collection[str], earns: Earns, awarded: Collection[str]) -> SameActivityView:
    """An activity as if only these of its reports existed, save that none is credited in the place of a hidden one."""
    seen = tuple(claim for claim in together if claim.id in visible)
    whole = judged(together, earns, awarded)
    credited = whole.credited.id if whole.credited and whole.credited.id in visible else None
    reason = f"同一活动有 {len(seen)} 份报告：同一活动只计入一份，不重复计入"
    if len(reports(seen)) == 1 and (credited is not None or whole.credited is None):
        reason = judged(seen, earns, awarded).reason
    return SameActivityView(credited, reason, tuple(claim.id for claim in seen))


def shown(connection: Connection, ids: Collection[str], reach: Reach, fields: Collection[str]) -> dict[str, str | None]:
    """Of these records those of which one of these coordinates is shown, in the order of `ids`, with their regions."""
    columns = [RECORDS.c.id, RECORDS.c.region, RECORDS.c.erased_at, ACCOUNTS.c.teacher_id]
    found: dict[str, str | None] = {}
    for some in portions(ids):
        wanted = select(*columns).join(ACCOUNTS, ACCOUNTS.c.id == RECORDS.c.account_id).where(RECORDS.c.id.in_(some))
        for row in connection.execute(wanted):
            if record_decision(row, reach).fields.intersection(fields):
                found[row.id] = row.region
    return {name: found[name] for name in dict.fromkeys(ids) if name in found}


def _certificates(connection: Connection, wanted: Select[Any]) -> list[CertificateView]:
    """Oldest first, those in force last; without those that were erased."""
    rows = connection.execute(wanted.where(_CERTIFICATES.c.credential.is_not(None))).all()
    ordered = sorted(rows, key=lambda row: (row.revoked_at is None, row.issued_at, row.id))
    return [CertificateView(row.id, row.record_id, row.issued_at, row.revoked_at, row.credential) for row in ordered]


def decided_views(
    connection: Connection, entries: Collection[str], reach: Reach
) -> dict[str, tuple[str | None, frozenset[str] | None]]:
    """Awards whose recognition may be seen: the region of the record, and its `deciders`."""
    found = entries_by_id(connection, entries, reach)
    records = records_by_id(connection, [entry.record for entry in found.values()], reach)
    shown_to: dict[str, tuple[str | None, frozenset[str] | None]] = {}
    for name, entry in found.items():
        view = records[entry.record]
        if entry.reverses is None:
            shown_to[name] = (view.region, deciders(reach, view.region, view.teacher))
    return shown_to
