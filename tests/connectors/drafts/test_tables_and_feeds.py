"""Drafts from CSV, workbooks, JSON Lines, feeds and XML, as partners have them."""

from typing import Any

import pytest

from connectors.drafts import About, draft_from_sample
from tests.connectors.drafts.drafting import ABOUT, connected, errors, read
from tests.connectors.files.workbooks import rows, workbook

HEADER = (
    "课程编号{0}课程名称{0}学段{0}年级{0}学科{0}主讲教师{0}学校{0}时长{0}播放地址{0}上传日期{0}播放量{0}公开范围{0}栏目"
)
LINES = (
    "KC-{n}{0}勾股定理（第{n}课时）{0}初中{0}八年级{0}数学{0}江老师{0}江城市第一中学{0}40分钟{0}https://www.jiangcheng.example/c/{n}"
    "{0}2025年9月{n}日{0}1{n}20{0}全市{0}公开课"
)


def table(separator: str, encoding: str, before: str = "") -> bytes:
    lines = [HEADER.format(separator), *(LINES.format(separator, n=n) for n in range(1, 13))]
    return (before + "\r\n".join(lines) + "\r\n").encode(encoding)


@pytest.mark.parametrize(
    ("separator", "encoding", "before"),
    [(",", "utf-8", ""), (";", "gb18030", ""), ("\t", "utf-16", ""), ("|", "utf-8-sig", "江城云课课程清单\r\n\r\n")],
)
async def test_a_chinese_table_is_drafted_whole(separator: str, encoding: str, before: str) -> None:
    body = table(separator, encoding, before)
    draft = draft_from_sample(body, "课程清单.csv", ABOUT)
    assert errors(draft) == []
    assert draft.needed == ()
    outcome = await read(draft, body)
    assert outcome.share == 1.0
    assert len(outcome.records) == 12
    assert outcome.values()[0] == {
        "nativeId": "KC-1",
        "title": "勾股定理（第1课时）",
        "kind": "LESSON",
        "url": "https://www.jiangcheng.example/c/1",
        "language": "zh-CN",
        "stages": ["JUNIOR_SECONDARY"],
        "grades": [{"code": "grade-8", "native": "八年级"}],
        "subjects": [{"code": "mathematics", "native": "数学"}],
        "provider": {"name": "江城市第一中学", "kind": "SCHOOL"},
        "contributors": [{"name": "江老师", "role": "LECTURER"}],
        "publishedAt": "2025-09-01T00:00:00+08:00",
        "durationSeconds": 2400,
        "access": "CITY",
        "useCount": 1120,
    }


async def test_line_breaks_and_separators_in_quotation_marks_are_part_of_a_field() -> None:
    lines = ["课程编号;课程名称;类型;简介"]
    lines += [f'K-{n};勾股定理{n};课例;"第一行，有逗号\n第二行; 有分号\n第三行"' for n in range(12)]
    body = "\r\n".join(lines).encode("gb18030")
    draft = draft_from_sample(body, "课程.csv", ABOUT)
    assert errors(draft) == []
    outcome = await read(draft, body)
    assert (outcome.share, len(outcome.records)) == (1.0, 12)
    assert outcome.values()[0]["summary"].startswith("第一行，有逗号")


async def test_initials_of_pinyin_are_understood() -> None:
    body = "kcbh,kcmc,xd,nj,xk,zjr,lx,gxsj\r\n" + "".join(
        f"{n},分数的意义{n},小学,五年级,数学,江老师,微课,2025-03-{n:02} 08:00:00\r\n" for n in range(1, 10)
    )
    draft = draft_from_sample(body.encode(), "kc.csv", ABOUT)
    fields = connected(draft).document.harvest.fields
    paths = {
        name: fields[name].path for name in ("nativeId", "title", "stages", "grades", "subjects", "kind", "updatedAt")
    }
    assert paths == {
        "nativeId": "kcbh", "title": "kcmc", "stages": "xd", "grades": "nj", "subjects": "xk", "kind": "lx",
        "updatedAt": "gxsj",
    }  # fmt: skip
    assert (await read(draft, body.encode())).share == 1.0


async def test_a_workbook_is_read() -> None:
    lines: list[list[Any]] = [["编号", "标题", "学段", "类型"], *([n, f"课{n}", "小学", "课件"] for n in range(1, 6))]
    body = workbook(("课程", rows(*lines)))
    draft = draft_from_sample(body, "课程.xlsx", ABOUT)
    assert errors(draft) == []
    outcome = await read(draft, body)
    assert [one["kind"] for one in outcome.values()] == ["COURSEWARE"] * 5


async def test_json_lines_are_read() -> None:
    body = b"".join(b'{"id": %d, "title": "Lesson %d", "type": "lesson"}\n' % (n, n) for n in range(1, 6))
    draft = draft_from_sample(body, "all.jsonl", ABOUT)
    assert "format: jsonLines" in draft.text
    assert [one["nativeId"] for one in (await read(draft, body)).values()] == ["1", "2", "3", "4", "5"]


async def test_a_feed_needs_little_more_than_its_format() -> None:
    items = "".join(
        f"<item><guid>g{n}</guid><title>讲座 {n}</title><link>https://www.jiangcheng.example/{n}</link>"
        f"<category>讲座</category><pubDate>Fri, {n:02} Aug 2025 08:00:00 +0800</pubDate></item>"
        for n in range(1, 6)
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>江城云课</title>{items}</channel></rss>'.encode()
    draft = draft_from_sample(body, "feed.xml", ABOUT)
    assert errors(draft) == []
    outcome = await read(draft, body)
    assert outcome.values()[0] == {
        "nativeId": "g1",
        "title": "讲座 1",
        "kind": "LECTURE",
        "url": "https://www.jiangcheng.example/1",
        "language": "zh-CN",
        "publishedAt": "2025-08-01T08:00:00+08:00",
    }


async def test_xml_with_a_namespace_of_its_own_is_read() -> None:
    items = "".join(
        f'<k:course id="{n}"><k:name>古诗 {n}</k:name><k:subject>语文</k:subject><k:type>微课</k:type></k:course>'
        for n in range(9)
    )
    body = f'<k:list xmlns:k="urn:jiangcheng"><k:courses>{items}</k:courses></k:list>'.encode()
    draft = draft_from_sample(body, "list.xml", ABOUT)
    assert errors(draft) == []
    outcome = await read(draft, body)
    assert outcome.values()[2] == {
        "nativeId": "2",
        "title": "古诗 2",
        "kind": "MICRO_LESSON",
        "language": "zh-CN",
        "subjects": [{"code": "chinese", "native": "语文"}],
    }


def test_usage_rows_become_measures() -> None:
    body = "统计日期,浏览量,播放量,神秘数\r\n2025-03-01,10,5,7\r\n2025-03-02,11,6,8\r\n".encode()
    draft = draft_from_sample(
        body,
        "usage.csv",
        About(address="https://api.jiangcheng.example/u.csv", code="j", name="j", region="420100", section="usage"),
    )
    assert draft.needed == ("harvest",)
    usage = connected(draft).document.usage
    assert usage is not None
    assert {code: rule.path for code, rule in usage.measures.items()} == {"views": '"浏览量"', "plays": '"播放量"'}
    assert usage.fields["day"].path == '"统计日期"'
    assert 'which measure is "神秘数"?' in draft.text
    assert [word for word in ("sketch", "weight", "value", "measure,") if word in draft.text] == []
