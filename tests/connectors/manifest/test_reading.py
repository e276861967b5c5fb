"""Reading manifests: connectors from good ones, findings with place and suggestion from bad ones."""

from importlib.resources.abc import Traversable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Harvests
from connectors.manifest import read_manifest
from connectors.platforms import builtin_manifests
from connectors.samples import sample_manifests
from schema.findings import Finding, Severity
from schema.platforms import Capability
from tests.connectors.manifest.manifests import FIELDS, HEAD, manifest


def errors(text: str) -> list[Finding]:
    """The findings that refuse."""
    reading = read_manifest(text)
    found = [finding for finding in reading.findings if finding.severity is Severity.ERROR]
    assert (reading.connector is None) == bool(found)
    return found


def test_the_smallest_manifest_is_a_connector() -> None:
    reading = read_manifest(manifest(), source="example.yaml")
    assert isinstance(reading.connector, Harvests)
    assert reading.source == "example.yaml"
    assert reading.connector.platform.code == "example"
    assert reading.connector.version == 3
    assert reading.connector.capabilities == {Capability.HARVEST}
    assert reading.origins == ("https://api.example.org",)
    assert reading.secret_names == ()


def test_capabilities_follow_from_what_is_described() -> None:
    text = manifest(harvest="  deleted: gone\n  incremental: {parameter: since}\n")
    connector = read_manifest(text).connector
    assert connector is not None
    assert connector.capabilities == {Capability.HARVEST, Capability.INCREMENTAL, Capability.TOMBSTONES}


@pytest.mark.parametrize("path", [*builtin_manifests(), *sample_manifests()], ids=lambda path: path.name)
def test_what_comes_with_the_gateway_is_without_warnings(path: Traversable) -> None:
    reading = read_manifest(path.read_text("utf-8"))
    assert [finding for finding in reading.findings if finding.severity is not Severity.INFO] == []


def test_secrets_are_known_by_name() -> None:
    text = manifest(top="credentials: {kind: oauth2, tokenUrl: /token, clientId: ours, clientSecret: hidden}\n")
    assert read_manifest(text).secret_names == ("hidden", "ours")


@pytest.mark.parametrize(
    ("text", "code", "pointer", "line", "suggestion"),
    [
        (manifest(top="credential: {kind: none}\n"), "manifest.unknownKey", "/credential", 8, "credentials"),
        (manifest(harvest="  pageing: {kind: none}\n"), "manifest.unknownKey", "/harvest/pageing", 12, "paging"),
        (
            manifest(harvest="  paging: {kind: pages, size: 5}\n"),
            "manifest.unknownWord",
            "/harvest/paging/kind",
            12,
            "page",
        ),
        (
            manifest(harvest="  paging: {kind: page, size: 5, sizeParam: s}\n"),
            "manifest.unknownKey",
            "/harvest/paging/sizeParam",
            12,
            "sizeParameter",
        ),
        (manifest(harvest="  records: items[\n"), "manifest.path", "/harvest/records", 12, None),
        (manifest(fields=FIELDS + "    tittle: x\n"), "manifest.unknownField", "/harvest/fields/tittle", 16, "title"),
        (
            manifest(fields=FIELDS + "    stages: {constant: PRIMRY}\n"),
            "manifest.unknownCode",
            "/harvest/fields/stages/constant",
            16,
            "PRIMARY",
        ),
        (
            manifest(fields=FIELDS + "    durationSeconds: {path: d, transform: duraton}\n"),
            "manifest.transform",
            "/harvest/fields/durationSeconds/transform",
            16,
            "duration",
        ),
        (
            manifest(
                fields=FIELDS + "    subjects: {path: s, vocabulary: subject}\n", top="vocabularies: {subjects: {}}\n"
            ),
            "manifest.unknownTable",
            "/harvest/fields/subjects/vocabulary",
            17,
            "subjects",
        ),
        (
            manifest(
                fields=FIELDS + "    stages: {path: s, vocabulary: t}\n",
                top="vocabularies: {t: {values: {小学: PRIMARI}}}\n",
            ),
            "manifest.unknownCode",
            "/vocabularies/t/values/小学",
            8,
            "PRIMARY",
        ),
        (manifest(fields="    nativeId: id\n    title: t\n"), "manifest.requiredField", "/harvest/fields", 12, None),
        (
            manifest(fields=FIELDS + "    provider: school\n"),
            "manifest.fieldsMissing",
            "/harvest/fields/provider",
            16,
            None,
        ),
        (
            manifest(fields=FIELDS + "    url: {template: 'https://x.org/{id'}\n"),
            "manifest.template",
            "/harvest/fields/url/template",
            16,
            None,
        ),
        (
            manifest(fields=FIELDS + "    volume: {path: v, match: '(?P<value>'}\n"),
            "manifest.regex",
            "/harvest/fields/volume/match",
            16,
            None,
        ),
        (
            manifest(fields=FIELDS + "    volume: {path: v, match: '(?P<value>a(?=b))'}\n"),
            "manifest.regex",
            "/harvest/fields/volume/match",
            16,
            None,
        ),
        (
            manifest(fields=FIELDS + "    url: {path: a, constant: b}\n"),
            "manifest.rule",
            "/harvest/fields/url",
            16,
            None,
        ),
        (manifest().replace('"500103"', "500103"), "manifest.wrongType", "/platform/region", 6, '"500103"'),
        (manifest().replace("500103", "509999"), "manifest.region", "/platform/region", 6, None),
        (manifest().replace("manifest: 1", "manifest: 2"), "manifest.version", "/manifest", 1, None),
        (
            manifest().replace("https://api.example.org", "api.example.org/v1"),
            "manifest.origin",
            "/origin",
            7,
            "https://api.example.org",
        ),
    ],
)
def test_a_mistake_is_found_with_its_place_and_the_nearest_spelling(
    text: str, code: str, pointer: str, line: int, suggestion: str | None
) -> None:
    [finding] = errors(text)
    assert (finding.code, finding.pointer, finding.line, finding.suggestion) == (code, pointer, line, suggestion)
    assert finding.column is not None
    assert finding.message


def test_a_missing_part_points_at_what_should_hold_it() -> None:
    [finding] = errors(HEAD)
    assert (finding.code, finding.pointer) == ("manifest.missingKey", "/harvest")


def test_every_mistake_is_told_at_once() -> None:
    text = manifest(fields="    titel: x\n    nativeId: 5\n", top="limit: {}\n", harvest="  record: '['\n")
    assert [finding.code for finding in errors(text)] == [
        "manifest.unknownKey",
        "manifest.unknownKey",
        "manifest.wrongType",
    ]  # field names and paths are checked once the rest is right


def test_a_table_that_nobody_uses_is_a_warning() -> None:
    reading = read_manifest(manifest(top="vocabularies: {spare: {}}\n"))
    assert reading.ok
    assert [f.code for f in reading.findings if f.severity is Severity.WARNING] == ["manifest.unusedTable"]


@given(text=st.text(max_size=300))
def test_no_text_makes_reading_raise(text: str) -> None:
    assert read_manifest(text).connector is None


@given(
    cut=st.integers(0, 600),
    piece=st.sampled_from(["", ":", "[", "- ", "null", "\n  x: {}", "'", "{", "fields: 5", "1"]),
)
def test_no_damaged_manifest_makes_reading_raise(cut: int, piece: str) -> None:
    text = manifest(
        top="credentials: {kind: session, login: {url: /l}, token: {path: t}, send: {in: header}}\n",
        harvest="  paging: {kind: page, size: 5}\n",
    )
    read_manifest(text[:cut] + piece + text[cut + len(piece) :])
