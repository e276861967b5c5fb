"""Reports on manifests, offline and live."""

from importlib.resources.abc import Traversable

import pytest
from starlette.requests import Request
from starlette.responses import Response

from connectors.conformance import CHECKS, check_live, check_manifest
from connectors.context import ConnectorContext
from connectors.manifest import read_manifest_file
from connectors.platforms import builtin_manifests
from connectors.simulators import SIMULATORS
from connectors.transport import in_process
from schema.findings import Severity
from tests.connectors.manifest.manifests import FIELDS, manifest
from tests.connectors.protocols.platform import Scripted, connector, json, rows


def test_a_report_says_what_is_mapped_and_what_is_needed() -> None:
    report = check_manifest(manifest(top="credentials: {kind: bearer, secret: ourToken}\n"), source="x.yaml")
    assert (report.source, report.ok, report.platform) == ("x.yaml", True, "example")
    assert report.secret_names == ("ourToken",)
    assert report.origins == ("https://api.example.org",)
    assert [one.field for one in report.coverage if one.mapped] == ["nativeId", "title", "kind"]
    assert [one.field for one in report.coverage if one.required] == ["nativeId", "title", "kind"]
    assert "subjects" in {one.field for one in report.coverage if not one.mapped}


def test_a_report_on_a_bad_manifest_has_findings_and_no_coverage() -> None:
    report = check_manifest("manifest: 1\n")
    assert not report.ok
    assert report.coverage == ()
    assert {finding.code for finding in report.findings} == {"manifest.missingKey"}


def test_every_check_has_a_code_of_its_own_and_a_question() -> None:
    assert len({check.code for check in CHECKS}) == len(CHECKS)
    assert all(check.asks.endswith("?") for check in CHECKS)


async def live(rows_: object, *, fields: str = FIELDS) -> list[tuple[str, Severity]]:
    """Codes and severities of a look at a platform that lists these rows."""
    platform = Scripted(lambda request, body, number: json(rows_))
    context = ConnectorContext("example", in_process(platform.app), {})
    report = await check_live(connector(manifest(fields=fields)), context)
    assert report.ok == all(finding.severity is not Severity.ERROR for finding in report.findings)
    return [(finding.code, finding.severity) for finding in report.findings]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (rows(1, 2, 3), []),
        ([], [("live.empty", Severity.ERROR)]),
        ([*rows(1, 2, 3, 4), {"id": 5}], [("live.rejected", Severity.WARNING)]),
        ([*rows(1), {"id": 5}], [("live.rejected", Severity.ERROR)]),
        (rows(1, 2, 1), [("live.duplicateId", Severity.ERROR)]),
    ],
)
async def test_a_look_at_the_platform_finds(listed: object, expected: list[tuple[str, Severity]]) -> None:
    assert await live(listed) == expected


async def test_words_that_no_table_knows_are_told_with_examples() -> None:
    listed = [row | {"s": word} for row, word in zip(rows(1, 2, 3), ("齐文化", "数学", "语文"), strict=True)]
    assert await live(listed, fields=FIELDS + "    subjects: s\n") == [("live.unmapped", Severity.INFO)]


async def test_a_failing_platform_is_a_finding() -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        return Response("<html>", media_type="text/html")

    context = ConnectorContext("example", in_process(Scripted(answer).app), {})
    report = await check_live(connector(manifest()), context)
    assert not report.ok
    assert [finding.code for finding in report.findings] == ["UPSTREAM_MALFORMED"]


@pytest.mark.parametrize("path", builtin_manifests(), ids=lambda path: path.name)
async def test_every_platform_passes_a_live_check(path: Traversable) -> None:
    reading = read_manifest_file(path)
    assert reading.connector is not None
    simulator = SIMULATORS[reading.connector.platform.code]
    context = ConnectorContext(simulator.code, in_process(simulator.build(size=300)), simulator.secrets)
    report = await check_live(reading.connector, context)
    assert report.ok, report.findings
    assert sum(1 for page in report.pages if page.accepted) == 1
