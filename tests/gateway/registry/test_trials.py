"""Trials of a manifest: its own tests, what it may read while nobody answers for it, and how long it may take."""

import asyncio
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.conformance import ManifestReport, PreviewRow, check_manifest
from connectors.records import Unmapped
from gateway.registry import ConnectorOutcome, ConnectorState, checking
from gateway.storage import Database
from schema.findings import Severity
from schema.platforms import Capability
from tests.gateway.registry.desk import AWAY, BY, SECRET, Desk, Platform, codes, done, manifest

FAILING = "tests:\n  - {name: one lesson, exchanges: [{response: {json: {items: []}}}], expect: {accepted: 1}}\n"
DROPPED = manifest(code="neijiang", secret=None, origin=AWAY).replace(
    "  protocol: rest\n  request: {path: /items}\n  records: items\n", '  protocol: files\n  folder: "*.csv"\n'
)


class Silent(Platform):
    """Takes every request and never answers."""

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/items", self._never)])

    async def _never(self, request: Request) -> JSONResponse:
        await asyncio.Event().wait()
        raise AssertionError(request.url)


def failed(outcome: ConnectorOutcome) -> list[tuple[str, str | None]]:
    """Codes of the report with where they point to."""
    assert outcome.report is not None
    assert not outcome.report.ok
    return [(finding.code, finding.pointer) for finding in outcome.report.findings if finding.code.startswith("test.")]


async def test_a_manifest_whose_own_tests_fail_is_neither_registered_nor_published(sqlite_database: Database) -> None:
    desk = Desk(sqlite_database)
    outcome = await desk.service.register(manifest() + FAILING, {}, BY)
    assert (codes(outcome), failed(outcome)) == (["MANIFEST_INVALID"], [("test.record", "/tests/0/expect/accepted")])
    assert (await desk.service.connectors()).total == 0
    await desk.activated()
    events = await desk.service.events("river")
    for canary in (False, True):
        assert codes(await desk.service.publish("river", manifest(2) + FAILING, canary, BY)) == ["MANIFEST_INVALID"]
    assert await desk.service.events("river") == events
    await desk.register(manifest(code="lake") + FAILING.replace("accepted: 1", "accepted: 0"))


async def test_verification_runs_the_tests_again(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(sqlite_database)
    with monkeypatch.context() as older:  # stored by a product under which its tests passed

        async def passing(text: str, *, source: str) -> ManifestReport:
            return check_manifest(text, source=source)

        older.setattr(checking, "examine_manifest", passing)
        await desk.register(manifest() + FAILING)
    outcome = done(await desk.service.verify("river", None, BY))
    assert failed(outcome) == [("test.record", "/tests/0/expect/accepted")]
    assert outcome.connector is not None
    assert outcome.connector.state is ConnectorState.DRAFT
    assert (await desk.actions())[-1] == ("verification failed", 1)
    assert desk.platform.asked == []


async def test_a_test_read_does_without_the_tests(sqlite_database: Database) -> None:
    read = await Desk(sqlite_database).service.test_read(manifest(secret=None) + FAILING, None, {})
    assert read.report.ok
    assert read.preview is not None


async def test_a_file_whose_own_tests_fail_is_left_out_and_what_is_stored_keeps_serving(
    sqlite_database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(sqlite_database)
    await desk.installed(tmp_path / "manifests")
    (tmp_path / "manifests" / "river.yaml").write_text(manifest(2) + FAILING, "utf-8")
    await desk.service.synchronize_files([tmp_path / "manifests"], builtin=False)
    found = await desk.service.snapshot()
    [rejected] = found.rejected
    assert rejected.source == str(tmp_path / "manifests" / "river.yaml")
    assert [finding.code for finding in rejected.findings if finding.severity is Severity.ERROR] == ["test.record"]
    assert [record.getMessage() for record in caplog.records] == [
        f"left out {rejected.source}: one lesson: 0 records are accepted, not 1"
    ]
    assert found.connectors["river"].connector.version == 1


async def test_an_offline_check_that_takes_too_long_is_broken_off(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(sqlite_database)
    monkeypatch.setattr(checking, "CHECK_SECONDS", 0.0)
    outcome = await desk.service.register(manifest(), {}, BY)
    assert (codes(outcome), failed(outcome)) == (["MANIFEST_INVALID"], [("test.error", None)])
    assert (await desk.service.connectors()).total == 0


async def test_a_platform_that_never_answers_does_not_hold_a_check_or_a_read_forever(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(sqlite_database, platform=Silent())
    await desk.register()
    monkeypatch.setattr(checking, "LIVE_SECONDS", 0.0)
    verified = done(await desk.service.verify("river", None, BY))
    read = await desk.service.test_read(manifest(), "river", {})
    for report, what in ((verified.report, "check"), (read.report, "read")):
        assert report is not None
        assert not report.ok
        assert (report.findings[-1].code, report.findings[-1].message) == (
            "live.timeout",
            f"the {what} took longer than 0 seconds and was broken off",
        )
    assert read.preview is None
    assert verified.connector is not None
    assert verified.connector.state is ConnectorState.DRAFT


async def test_a_drop_folder_is_read_through_the_stored_connector_of_its_platform_only(
    sqlite_database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "neijiang" / "lessons.csv"
    file.parent.mkdir()
    file.write_text("id,title,note\n1,圆的面积,身份证\n", "utf-8")
    desk = Desk(sqlite_database, folder=tmp_path)
    stranger = await desk.service.test_read(DROPPED, None, {})
    assert stranger.preview is not None
    assert stranger.preview.rows == ()
    assert stranger.preview.failure is not None
    assert "身份证" not in repr(stranger)
    unknown = await desk.service.test_read(DROPPED, "neijiang", {})
    assert [refusal.code for refusal in unknown.refusals] == ["CONNECTOR_NOT_FOUND"]
    done(await desk.service.register(DROPPED, {}, BY))
    own = await desk.service.test_read(DROPPED, "neijiang", {})
    assert own.preview is not None
    assert own.preview.failure is None
    assert [row.native_id for row in own.preview.rows] == ["1"]
    again = await desk.service.test_read(DROPPED, None, {})
    assert again.preview is not None
    assert again.preview.rows == ()


PEOPLE = """
vocabularies: {levels: {onUnmapped: report, fallback: false, values: {省级: PROVINCIAL}}}
training:
  protocol: rest
  request: {path: /items}
  records: items
  fields:
    nativeId: id
    teacherId: note
    title: title
    kind: {constant: COURSE}
    level: {path: note, vocabulary: levels}
    startsOn: STARTS
    quantity: {constant: "2"}
    unit: {constant: HOUR}
"""


async def training_row(database: Database, starts: str) -> PreviewRow:
    """The first row of a test read of training, where no native id, title or day of a record is shown."""
    text = manifest() + PEOPLE.replace("STARTS", starts)
    read = await Desk(database).service.test_read(text, None, {"platformKey": SECRET}, Capability.TRAINING)
    assert read.preview is not None
    assert [told for told in ("r0", "第0课", "2026") if told in repr(read.preview)] == []
    return read.preview.rows[0]


async def test_a_test_read_of_training_shows_structure_and_words_of_vocabularies_and_nobody(
    sqlite_database: Database,
) -> None:
    assert await training_row(sqlite_database, '{constant: "2026-03-01"}') == PreviewRow(
        native_id=None,
        raw='{"id":"·0","title":"·0·","note":"····"}',
        mapped='{"nativeId":"·0","teacherId":"····","title":"·0·","kind":"COURSE","startsOn":"0000-00-00",'
        '"quantity":"0","unit":"HOUR"}',
        unmapped=(Unmapped("level", "勾股定理"),),
    )


async def test_a_rejected_record_of_training_is_masked_in_its_findings_too(sqlite_database: Database) -> None:
    row = await training_row(sqlite_database, "{path: title, transform: date}")
    assert (row.native_id, row.raw, row.mapped) == (None, '{"id":"·0","title":"·0·","note":"····"}', None)
    assert [(finding.message, finding.found) for finding in row.findings] == [
        ("startsOn: a day such as 2024-03-15 was expected, not '·0·'", "·0·")
    ]
