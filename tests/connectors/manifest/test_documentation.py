"""docs/manifest.md has a heading and an example per key; editors and the check take the same manifests for right."""

import re
from pathlib import Path

import pytest

from connectors.components import discovered
from connectors.conformance import ManifestReport, check_manifest, examine_manifest
from connectors.files.formats.model import FileFormat
from connectors.manifest.document import read_document
from connectors.manifest.json_schema import PUBLISHED, manifest_schema, rendered
from connectors.manifest.transforms import transform_names
from connectors.platforms import builtin_manifests
from connectors.protocols import Listing
from connectors.samples import sample_manifests
from schema.findings import Finding, Severity
from tests.docs.json_schema import underlined
from tests.docs.manifest_places import placed
from tests.docs.manifest_reference import REFERENCE, Example, chapters, examples, manifest_keys

EDITORS = manifest_schema()


def _errors(report: ManifestReport, example: Example) -> list[Finding]:
    """What is wrong; pieces of a vector need not fit each other, whole ones are compared in the credentials' tests."""
    unlike = {"manifest.signatureVector"} if example.heading.startswith("credentials.vectors") else set()
    return [one for one in report.findings if one.severity is Severity.ERROR and one.code not in unlike]


def test_every_key_has_a_heading_and_every_heading_is_a_key() -> None:
    headings = [heading for heading, _ in chapters()]
    assert len(headings) == len(set(headings))
    assert manifest_keys() - set(headings) == set()
    assert set(headings) - manifest_keys() == set()


def test_every_key_has_an_example_below_its_heading() -> None:
    shown = {example.heading for example in examples() if example.shows}
    assert [heading for heading, _ in chapters() if heading not in shown] == []


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"{example.heading}-{example.text[:30]!r}")
async def test_every_example_is_right_in_its_place(example: Example) -> None:
    """An example may need certain neighbors: it is right when one of the small manifests takes it without an error."""
    mistakes = []
    for whole in placed(example):
        report = await examine_manifest(whole) if "tests" in example.value else check_manifest(whole)
        errors = _errors(report, example)
        if not errors:
            return
        mistakes.append([f"{one.pointer}: {one.message}" for one in errors])
    raise AssertionError(f"{example.heading}: {example.text}\n{mistakes}")


def test_the_first_manifest_of_the_page_is_complete() -> None:
    introduction = REFERENCE.partition("\n### ")[0]
    smallest, _ = re.findall(r"```yaml\n(.*?)```", introduction, re.DOTALL)
    report = check_manifest(smallest)
    assert report.ok, report.findings
    assert "title" in str(report.resolved)


@pytest.mark.parametrize("wrong", ["spite: 1", "size: none", "total: 5 +"])
def test_a_wrong_example_would_be_noticed(wrong: str) -> None:
    example = Example("harvest.paging.size", wrong, read_document(wrong).value)
    assert all(not check_manifest(whole).ok for whole in placed(example))


def test_every_protocol_format_and_word_of_a_section_is_named() -> None:
    bodies = dict(chapters())
    for heading, package, base, tag in (
        ("harvest.protocol", "connectors.protocols", Listing, "protocol"),
        ("files.format", "connectors.files.formats", FileFormat, "kind"),
    ):
        assert [word for word in discovered(package, base, tag) if f"`{word}`" not in bodies[heading]] == []


def test_every_transform_has_a_row() -> None:
    chapter = REFERENCE.partition("\n## Transforms\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", chapter, re.MULTILINE) == list(transform_names())


def test_the_json_schema_for_editors_is_the_generated_one() -> None:
    assert PUBLISHED.read_text("utf-8") == rendered(), "run python -m connectors.manifest.json_schema"


@pytest.mark.parametrize("path", [*builtin_manifests(), *sample_manifests()], ids=lambda path: path.stem)
def test_editors_underline_nothing_in_manifests_that_are_right(path: Path) -> None:
    assert underlined(EDITORS, read_document(path.read_text("utf-8")).value) == []


def test_editors_underline_nothing_in_the_examples() -> None:
    right = [
        next(whole for whole in placed(example) if not _errors(check_manifest(whole), example))
        for example in examples()
    ]
    assert [places for whole in right if (places := underlined(EDITORS, read_document(whole).value))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("connection:", "conection:"),
        ("    nativeId: id", "    natvieId: id"),
        ("stages: {path: stage, vocabulary: stages}", "stages: {pth: stage}"),
        ("protocol: graphql", "protocol: soap"),
        ("outcome: retry", "outcome: again"),
        ("requestsPerSecond: 50", "requestsPerSecond: many"),
    ],
)
def test_editors_underline_what_is_wrong(old: str, new: str) -> None:
    [path] = [path for path in builtin_manifests() if path.name == "sichuan.yaml"]
    text = path.read_text("utf-8")
    assert old in text
    assert underlined(EDITORS, read_document(text.replace(old, new, 1)).value) != []
