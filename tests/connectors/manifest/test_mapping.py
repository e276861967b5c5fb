"""Records mapped by rules: accepted, rejected with reasons, or gone."""

import hashlib
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.manifest import read_manifest
from connectors.manifest.fields import Words
from connectors.manifest.mapping import RAW_BYTES, RecordMapper, SkippedRecords
from connectors.manifest.model import ManifestDocument
from connectors.records import Accepted, Rejected, Unmapped
from schema.access import Access
from schema.kinds import ResourceKind
from schema.resources import CodedTerm, ResourceRecord
from schema.stages import Stage
from tests.connectors.manifest.manifests import FIELDS, manifest

Outcome = Accepted | Rejected | str
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "title", "a", "b"]), inner),
    max_leaves=10,
)


def mapper_of(document: ManifestDocument) -> RecordMapper[ResourceRecord]:
    """The mapper of a manifest's harvest."""
    section = document.harvest
    skipped = SkippedRecords((row.record, row.message) for row in document.failures if row.record)
    words = Words(section.language, document.vocabularies)
    return RecordMapper(ResourceRecord, section.fields, words, deleted=section.deletion_paths, skipped=skipped)


def mapper(fields: str, *, top: str = "", harvest: str = "") -> RecordMapper[ResourceRecord]:
    """The mapper of a manifest with these fields beside the required ones."""
    reading = read_manifest(manifest(fields=FIELDS + fields, top=top, harvest=harvest))
    assert reading.document is not None, reading.findings
    assert reading.connector is not None, reading.findings
    return mapper_of(reading.document)


def outcome(fields: str, raw: dict[str, Any], **parts: str) -> Outcome:
    """What becomes of a record."""
    return mapper(fields, **parts).map({"id": 7, "title": "题"} | raw)


def record(fields: str, raw: dict[str, Any], **parts: str) -> ResourceRecord:
    """The record where it is accepted."""
    found = outcome(fields, raw, **parts)
    assert isinstance(found, Accepted), found
    return found.record


def test_numbers_become_text_where_text_is_due() -> None:
    assert record("    volume: v\n", {"v": 2}).native_id == "7"
    assert record("    volume: v\n", {"v": 2}).volume == "2"


def test_the_digest_is_that_of_the_canonical_raw_record() -> None:
    one, other = outcome("", {"b": 1, "a": [2.5, "勾"]}), outcome("", {"a": [2.5, "勾"], "b": 1})
    assert isinstance(one, Accepted)
    assert isinstance(other, Accepted)
    canonical = '{"a":[2.5,"勾"],"b":1,"id":7,"title":"题"}'.encode()
    assert one.digest == other.digest == hashlib.sha256(canonical).hexdigest()


def test_alternatives_are_tried_until_one_says_something() -> None:
    fields = "    summary: {path: a, alternatives: [b, c]}\n"
    assert record(fields, {"a": " ", "b": None, "c": "第三"}).summary == "第三"


def test_a_list_is_split_by_a_separator() -> None:
    assert record("    keywords: {path: k, split: '、'}\n", {"k": "勾股、 证明、"}).keywords == ("勾股", "证明")


def test_a_scalar_is_a_list_of_one_where_a_list_is_due() -> None:
    assert record("    keywords: k\n", {"k": "勾股"}).keywords == ("勾股",)


def test_a_regular_expression_takes_packed_values_apart() -> None:
    pattern = r"^(?P<stage>[^-]*)-(?P<subject>[^-]*)-(?P<edition>[^-]*)-(?P<grade>[^-]*)-"
    fields = f"    subjects: {{path: key, match: '{pattern.replace('<subject>', '<value>')}'}}\n"
    found = record(fields, {"key": "小学-数学-沪教育-三年级-上-单元-标题,学校,教师"})
    assert [term.code for term in found.subjects] == ["mathematics"]


def test_the_entry_of_a_list_is_picked_by_its_key() -> None:
    fields = (
        "    volume: {where: {list: tags, key: dim, equals: cc, value: name}}\n"
        "    keywords: {where: {list: tags, key: dim, equals: kw, value: name}}\n"
    )
    tags = [
        {"dim": "kw", "name": "一"},
        {"dim": "cc", "name": "上册"},
        {"dim": "cc", "name": "下册"},
        {"dim": "kw", "name": "二"},
        "odd",
    ]
    found = record(fields, {"tags": tags})
    assert (found.volume, found.keywords) == ("上册", ("一", "二"))


def test_templates_make_ids_and_encode_addresses() -> None:
    fields = "    url: {template: 'https://x.org/{id.app}/{id.n}?q={title}'}\n"
    text = manifest(
        fields=fields + "    nativeId: {template: '{id.app}:{id.n}'}\n    title: title\n    kind: {constant: LESSON}\n"
    )
    reading = read_manifest(text)
    assert reading.document is not None
    found = mapper_of(reading.document).map({"id": {"app": "j/k", "n": 3}, "title": "勾 股"})
    assert isinstance(found, Accepted)
    assert found.record.native_id == "j/k:3"
    assert found.record.url == "https://x.org/j%2Fk/3?q=%E5%8B%BE%20%E8%82%A1"


def test_objects_are_made_field_by_field_and_empty_ones_left_out() -> None:
    fields = (
        "    contributors:\n      each: team\n      fields:\n        name: n\n        role: r\n"
        "        organization:\n          fields:\n            name: s\n            kind: {constant: SCHOOL}\n"
        "    provider:\n      path: school\n      fields:\n        name: n\n        kind: {constant: SCHOOL}\n"
    )
    found = record(
        fields, {"team": [{"n": "方老师", "r": "主讲教师", "s": "一中"}, {"n": "何老师"}, {}], "school": None}
    )
    assert [(c.name, c.role.value, c.organization.name if c.organization else None) for c in found.contributors] == [
        ("方老师", "LECTURER", "一中"),
        ("何老师", "OTHER", None),
    ]
    assert found.provider is None


def test_words_are_looked_up_in_the_table_and_then_in_the_gateways_vocabulary() -> None:
    top = "vocabularies: {s: {values: {xx: PRIMARY, both: [PRIMARY, JUNIOR_SECONDARY], 无: null}}}\n"
    fields = "    stages: {path: s, vocabulary: s}\n"
    assert record(fields, {"s": "xx"}, top=top).stages == (Stage.PRIMARY,)
    assert record(fields, {"s": "初级中学"}, top=top).stages == (Stage.JUNIOR_SECONDARY,)
    assert record(fields, {"s": ["both", "小学"]}, top=top).stages == (Stage.PRIMARY, Stage.JUNIOR_SECONDARY)
    nothing = outcome(fields, {"s": "无"}, top=top)
    assert isinstance(nothing, Accepted)
    assert (nothing.record.stages, nothing.unmapped) == ((), ())


def test_a_coded_term_keeps_what_the_platform_wrote() -> None:
    found = record("    edition: e\n    subjects: s\n", {"e": "部编版", "s": ["数学"]})
    assert found.edition == CodedTerm(code="tbb", native="部编版")
    assert found.subjects == (CodedTerm(code="mathematics", native="数学"),)


@pytest.mark.parametrize(
    ("policy", "unmapped", "rejected"), [("report", 1, None), ("drop", 0, None), ("quarantine", 0, "subjects.unmapped")]
)
def test_a_word_nobody_knows_follows_the_policy_of_its_table(policy: str, unmapped: int, rejected: str | None) -> None:
    top = f"vocabularies: {{t: {{onUnmapped: {policy}}}}}\n"
    found = outcome("    subjects: {path: s, vocabulary: t}\n", {"s": ["数学", "齐文化"]}, top=top)
    if rejected is None:
        assert isinstance(found, Accepted)
        assert [term.code for term in found.record.subjects] == ["mathematics"]
        assert len(found.unmapped) == unmapped
    else:
        assert isinstance(found, Rejected)
        assert [finding.code for finding in found.findings] == [rejected]


def test_an_unknown_kind_is_other_and_reported() -> None:
    text = manifest(fields="    nativeId: id\n    title: title\n    kind: k\n")
    reading = read_manifest(text)
    assert reading.document is not None
    found = mapper_of(reading.document).map({"id": "1", "title": "题", "k": "神秘资源"})
    assert isinstance(found, Accepted)
    assert found.record.kind is ResourceKind.OTHER
    assert found.unmapped == (Unmapped("kind", "神秘资源"),)


@pytest.mark.parametrize("tier", ["高新区内部", None, "", 5])
def test_an_access_tier_that_is_missing_or_unknown_is_the_strictest(tier: object) -> None:
    assert record("    access: tier\n", {"tier": tier}).access is Access.SCHOOL


def test_an_unknown_region_is_left_out_and_reported() -> None:
    found = outcome("    region: r\n    audienceRegions: a\n", {"r": "999999", "a": ["500103", 500238]})
    assert isinstance(found, Accepted)
    assert (found.record.region, found.record.audience_regions) == (None, ("500103", "500238"))
    assert found.unmapped == (Unmapped("region", "999999"),)


def test_transforms_follow_one_another() -> None:
    fields = (
        "    review:\n      fields:\n        status: {constant: APPROVED}\n"
        "        reviewedAt: {path: t, transform: [epochMilliseconds, date]}\n"
    )
    found = record(fields, {"t": 1_709_654_400_000})
    assert found.review is not None
    assert found.review.reviewed_at == date(2024, 3, 6)


def test_the_time_of_change_is_that_of_the_platform() -> None:
    found = outcome("    updatedAt: {path: t, transform: epochSeconds}\n", {"t": "1700000000"})
    assert isinstance(found, Accepted)
    assert found.modified_upstream_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "raw", "codes"),
    [
        ("", {"title": None}, ["title.missing"]),
        ("", {"title": "  "}, ["title.missing"]),
        ("", {"title": ["一", "二"]}, ["title.invalid"]),
        ("", {"id": None}, ["nativeId.missing"]),
        ("    url: u\n", {"u": "待补充"}, ["url.invalid"]),
        (
            "    publishedAt: {path: t, transform: isoDateTime}\n",
            {"t": "2023-02-30T08:00:00+0800"},
            ["publishedAt.invalid"],
        ),
        (
            "    publishedAt: {path: t, transform: isoDateTime}\n",
            {"t": "x", "title": ""},
            ["publishedAt.invalid", "title.missing"],
        ),
        ("    volume: v\n", {"v": "册" * 2000}, ["volume.tooLong"]),
    ],
)
def test_a_record_that_does_not_validate_says_why(fields: str, raw: dict[str, Any], codes: list[str]) -> None:
    found = outcome(fields, raw)
    assert isinstance(found, Rejected)
    assert [finding.code for finding in found.findings] == codes
    assert found.native_id == (None if "id" in raw else "7")
    assert orjson.loads(found.raw) == {"id": 7, "title": "题"} | raw


def test_a_value_that_cannot_be_read_may_be_left_out_and_counted() -> None:
    found = outcome("    durationSeconds: {path: d, transform: duration, onInvalid: drop}\n", {"d": "7 hrs/wk"})
    assert isinstance(found, Accepted)
    assert found.unmapped == (Unmapped("durationSeconds", "7 hrs/wk"),)


def test_deleted_records_are_named_only() -> None:
    assert outcome("", {"status": "OFFLINE", "title": None}, harvest="  deleted: status == 'OFFLINE'\n") == "7"


def test_a_record_the_platform_cannot_show_is_rejected_in_its_words() -> None:
    top = "failures: [{record: error, outcome: skipRecord, message: error.text}]\n"
    found = outcome("", {"error": {"text": "已下架"}}, top=top)
    assert isinstance(found, Rejected)
    assert [(f.code, f.message) for f in found.findings] == [("record.skipped", "the platform says: 已下架")]


def test_raw_records_are_capped_and_hold_no_secrets() -> None:
    found = mapper("").map({"id": 1, "title": None, "echo": "token=s3cret-value", "x": "勾" * 60_000}, ["s3cret-value"])
    assert isinstance(found, Rejected)
    assert len(found.raw.encode()) <= RAW_BYTES
    assert "s3cret" not in found.raw


@given(raw=JSON)
def test_no_record_makes_mapping_raise(raw: Any) -> None:
    EVERYTHING.map(raw)


EVERYTHING = mapper(
    "    subjects: a\n    stages: b\n    access: a\n    region: a\n    keywords: {path: a, split: ','}\n"
    "    volume: {path: a, match: '(?P<value>.)'}\n    summary: {path: b, transform: [htmlToText, halfWidth]}\n"
    "    durationSeconds: {path: a, transform: duration}\n    url: {template: 'https://x.org/{a}/{b}'}\n"
    "    contributors:\n      each: a\n      fields: {name: b, role: a, organization: {fields: {name: a}}}\n"
    "    related:\n      each: '[a, b][]'\n      fields: {relation: a, nativeId: '@'}\n"
    "    language: {where: {list: a, key: a, equals: x, value: b}}\n",
    harvest="  deleted: a == 'gone'\n",
)
