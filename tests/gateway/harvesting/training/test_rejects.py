"""Rejects tell what is wrong with a record and nothing about the person it is of."""

import json

import pytest

from connectors.manifest.transforms.reading import shown
from connectors.masking import masked
from connectors.records import Rejected
from schema.findings import Finding
from tests.gateway.harvesting.training.reporting import Office, broken, counts, page, report
from tests.gateway.harvesting.upstream import column

NUMBER = "11010519491231002X"
"""The example of GB 11643-1999, of nobody."""
OLD_NUMBER = "110105491231002"
RAW = json.dumps(
    {
        "编号": "TR-12",
        "教师": "教师甲",
        "类型": "神秘活动",
        "天": 12.5,
        "ok": True,
        "x": None,
        "in": [{"电话": "+86 139"}],
    },
    ensure_ascii=False,
)


async def everything_stored(office: Office) -> str:
    """All that any table holds, as text."""
    tables = ("quarantined_records", "training_records", "training_versions", "teacher_accounts", "harvest_seen",
              "unmapped_values", "harvest_runs")  # fmt: skip
    found = [tuple(row) for table in tables for row in await office.rows(table)]
    return "\n".join(map(str, found))


def test_of_a_raw_record_its_structure_stays_and_no_value_does() -> None:
    finding = Finding("kind.unknown", "神秘活动 is no word", pointer="/kind", found="神秘活动")
    kept = masked(Rejected("TR-12", (finding,), RAW))
    assert kept.native_id is None
    assert json.loads(kept.raw) == {
        "编号": "··-00", "教师": "···", "类型": "神秘活动", "天": "00.0", "ok": True, "x": None,
        "in": [{"电话": "+00 000"}],
    }  # fmt: skip
    assert kept.findings == (finding,)


def test_a_value_of_a_field_that_is_no_vocabulary_is_masked_in_the_finding_too() -> None:
    finding = Finding("startsOn.invalid", "教师甲 is no day", pointer="/startsOn", found="教师甲")
    kept = masked(Rejected(None, (finding,), "教师甲;12"))
    assert kept.raw == "···;00"
    assert (kept.findings[0].found, kept.findings[0].message) == ("···", "··· is no day")


@pytest.mark.parametrize("value", ["教师甲" * 40, "教师甲\n丙", ["教师甲" * 40]])
def test_a_message_that_repeats_the_beginning_of_a_long_value_is_masked(value: object) -> None:
    found = value if isinstance(value, str) else repr(value)
    finding = Finding("startsOn.invalid", f"a day was expected, not {shown(value)}", pointer="/startsOn", found=found)
    [kept] = masked(Rejected(None, (finding,), "{}")).findings
    assert kept.message.startswith("a day was expected, not ")
    assert "教" not in f"{kept.message} {kept.found}"


async def test_a_reject_is_stored_masked_and_without_an_id(office: Office) -> None:
    run = await office.harvest(page(report("r1"), rejected=(broken("r2", RAW), broken(None, "教师甲,TR-7"))))
    assert counts(run) == (3, 1, 0, 0, 0, 2, 0)
    rows = await office.rows("quarantined_records", "raw")
    assert [(row.native_id, row.code) for row in rows] == [(None, "kind.unknown")] * 2
    stored = await everything_stored(office)
    assert "教师甲" not in stored
    assert "TR-12" not in stored


async def test_rejects_that_look_alike_are_told_apart_and_known_again(office: Office) -> None:
    rejects = (broken("r2", '{"name": "甲"}'), broken("r3", '{"name": "乙"}'))
    run = await office.harvest(page(rejected=rejects), page(report("r1"), rejected=rejects[:1]))
    assert counts(run) == (3, 1, 0, 0, 0, 2, 1)
    assert len(await office.rows("quarantined_records")) == 2
    await office.harvest(page(rejected=rejects[:1]))
    assert len(await office.rows("quarantined_records")) == 2


async def test_a_record_that_is_mended_leaves_quarantine_and_one_that_is_not_met_again_too(office: Office) -> None:
    rejects = (broken("r2", "{}"), broken("r3", "{}"))
    await office.harvest(page(report("r1"), rejected=rejects))
    await office.harvest(page(report("r2")))
    assert len(await office.rows("quarantined_records")) == 1
    await office.harvest(page(report("r1"), report("r2")), version=2)
    assert await office.rows("quarantined_records") == []


@pytest.mark.parametrize(
    "told",
    [
        {"teacher": NUMBER},
        {"teacher": OLD_NUMBER},
        {"title": f"研修 {NUMBER.lower()}"},
        {"native_id": f"r-{NUMBER}"},
        {"evidence": (f"https://platform.example/{NUMBER}.pdf",)},
        {"tier": NUMBER},
    ],
    ids=["teacher", "teacher of 15 digits", "title", "native id", "evidence", "tier"],
)
async def test_a_national_id_is_stored_nowhere(office: Office, told: dict[str, str]) -> None:
    more = dict(told)
    item = report(more.pop("native_id", "r1"), more.pop("teacher", "T-1"), **more)
    run = await office.harvest(page(item, report("r2")))
    assert counts(run) == (2, 1, 0, 0, 0, 1, 0)
    [row] = await office.rows("quarantined_records")
    assert (row.code, row.native_id) == ("training.national_id", None)
    stored = (await everything_stored(office)).upper()
    assert NUMBER not in stored
    assert OLD_NUMBER not in stored


async def test_unmapped_words_are_counted_without_naming_anybody(office: Office) -> None:
    run = await office.harvest(page(report("r1", unmapped=["班级"]), report("r2", "T-2", unmapped=["班级"])))
    assert run.created == 2
    found = await column(office.database, "unmapped_values", "field", "value", "count", "example")
    assert found == [("training.level", "班级", 2, "2026-01-05")]
    await office.harvest(page(report("r2", "T-2", unmapped=["班级"]), report("r3", unmapped=["班级"])))
    assert [(value.field, value.value, value.count) for value in await office.service.unmapped_values("chongqing")] == [
        ("training.level", "班级", 3)
    ]
