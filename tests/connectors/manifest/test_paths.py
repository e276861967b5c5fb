"""Every path of a manifest is compiled at reading, in the language of its section, and found with its place."""

import pytest

from connectors.manifest import read_manifest
from schema.findings import Finding, Severity
from tests.connectors.manifest.manifests import FIELDS, manifest

USAGE = """\
usage:
  protocol: rest
  request: {path: /usage}
  when: WHEN
  fields: {day: DAY}
"""


def refused(text: str) -> list[Finding]:
    """The findings that refuse."""
    reading = read_manifest(text)
    assert reading.connector is None
    return [finding for finding in reading.findings if finding.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("text", "pointer", "line"),
    [
        (manifest(harvest="  when: 'a['\n"), "/harvest/when", 12),
        (manifest(harvest="  deleted: 'a['\n"), "/harvest/deleted", 12),
        (
            manifest(fields=FIELDS + "    summary: {path: a, alternatives: [b, 'c[']}\n"),
            "/harvest/fields/summary/alternatives/1",
            16,
        ),
        (manifest(fields=FIELDS + "    keywords: {each: 'k['}\n"), "/harvest/fields/keywords/each", 16),
        (
            manifest(fields=FIELDS + "    summary: {where: {list: l, key: 'k[', equals: a, value: v}}\n"),
            "/harvest/fields/summary/where/key",
            16,
        ),
        (manifest(fields=FIELDS + "    url: {template: 'https://x.org/{a[}'}\n"), "/harvest/fields/url/template", 16),
        (
            manifest(fields=FIELDS + "    contributors: {each: c, fields: {name: 'n['}}\n"),
            "/harvest/fields/contributors/fields/name",
            16,
        ),
        (
            manifest() + USAGE.replace("WHEN", "a").replace("DAY", "d") + "  counts: {views: {distinct: 'a['}}\n",
            "/usage/counts/views/distinct",
            21,
        ),
        (
            manifest() + USAGE.replace("WHEN", "a").replace("DAY", "d") + "  counts: {views: {sum: 'a['}}\n",
            "/usage/counts/views/sum",
            21,
        ),
        (
            manifest() + USAGE.replace("WHEN", "a").replace("DAY", "d") + "  measures: {views: 'a['}\n",
            "/usage/measures/views",
            21,
        ),
    ],
)
def test_a_path_that_cannot_be_compiled_is_found_with_its_place(text: str, pointer: str, line: int) -> None:
    [finding] = refused(text)
    assert finding.code == "manifest.path"
    assert (finding.pointer or "").startswith(pointer)
    assert finding.line == line
    assert finding.message.startswith("not a JMESPath: ")


def test_the_paths_of_xml_are_xpaths() -> None:
    text = manifest(
        harvest="  as: xml\n  records: i\n  when: 'a[['\n", fields=FIELDS.replace("title: title", "title: x:title")
    )
    assert [(finding.pointer, finding.message[:13]) for finding in refused(text)] == [
        ("/harvest/when", "not an XPath:"),
        ("/harvest/fields/title/path", "not an XPath:"),
    ]


def test_what_a_pattern_makes_is_an_object_also_in_xml() -> None:
    fields = (
        FIELDS + "    contributors: {path: t, match: '(?P<name>.+)', fields: {name: name, role: {constant: AUTHOR}}}\n"
    )
    reading = read_manifest(manifest(harvest="  as: xml\n  records: i\n", fields=fields))
    assert [finding for finding in reading.findings if finding.severity is Severity.ERROR] == []
