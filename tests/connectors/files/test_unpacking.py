"""gzip and zip: several members, names that play tricks, damage and bombs."""

import gzip
import io
import zipfile
import zlib

import pytest

from connectors.errors import Malformed
from connectors.files import content as sizes
from tests.connectors.files.reading import entries, read

CSV = b"id\n1\n2\n"
IDS = [{"id": "1"}, {"id": "2"}]


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members:
            archive.writestr(name, body)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(CSV),
        gzip.compress(CSV[:4]) + gzip.compress(CSV[4:]),
        gzip.compress(CSV) + b"\0" * 512,
        zipped(("a.csv", CSV)),
        zipped(("folder/a.csv", CSV)),
        zipped(("a.csv", CSV), ("__MACOSX/._a.csv", b"\0\1"), (".hidden", b"x"), ("empty/", b"")),
    ],
    ids=["gzip", "gzip members", "gzip with padding", "zip", "zip with a folder", "zip with what is no file"],
)
def test_a_packed_file_reads_like_the_file(body: bytes) -> None:
    assert read("csv", body) == (IDS, [])


def test_what_a_file_is_its_first_bytes_say_and_not_its_name() -> None:
    assert read("csv", CSV, name="a.csv.gz") == (IDS, [])


def test_members_follow_one_another_each_with_its_own_header() -> None:
    body = zipped(
        ("a.csv", CSV), ("readme.txt", b"hello"), ("b.csv", b"\xef\xbb\xbftitle\nx\n"), ("d/c.CSV", b"id\n9\n")
    )
    assert read("csv", body, members="*.csv")[0] == [*IDS, {"title": "x"}]
    assert read("csv", body, members="d/*")[0] == [{"id": "9"}]
    with pytest.raises(Malformed, match=r"no file in it is named \*\.xml"):
        entries("csv", body, members="*.xml")


@pytest.mark.parametrize(
    "name", ["/etc/a.csv", "../a.csv", "x/../../a.csv", "C:/a.csv", "..\\a.csv", "\\\\host\\a.csv"]
)
def test_names_that_lead_out_are_refused_and_the_others_are_read(name: str) -> None:
    records, [broken] = read("csv", zipped((name, CSV), ("good.csv", CSV)), name="f.zip")
    assert records == IDS
    assert (broken.finding.code, broken.raw) == ("file.member", name)
    assert broken.finding.message == f"f.zip: {name} is not read: its name leads out of the archive"


def with_flag(body: bytes, flag: int) -> bytes:
    """The archive with a flag set in both headers of its first member."""
    central = body.index(b"PK\x01\x02")
    changed = bytearray(body)
    changed[6] |= flag
    changed[central + 8] |= flag
    return bytes(changed)


def test_encrypted_linked_and_nested_members_are_refused() -> None:
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = 0o120777 << 16
    said = [
        read("csv", with_flag(zipped(("a.csv", CSV)), 1)),
        read("csv", zipped((link, b"/etc/passwd"))),
        read("csv", zipped(("a.zip", zipped(("a.csv", CSV))))),
        read("csv", zipped(("a.gz", gzip.compress(CSV)))),
        read("csv", zipped(("a.7z", b"7z\xbc\xaf\x27\x1c"))),
    ]
    assert [records for records, _ in said] == [[]] * 5
    reasons = [broken[0].finding.message.partition("not read: ")[2] for _, broken in said]
    assert reasons == [
        "it is encrypted",
        "it is a link",
        "it is a zip file inside of a zip file",
        "it is a gzip file inside of a zip file",
        "it is a 7-Zip file inside of a zip file",
    ]


@pytest.mark.parametrize(
    "body", [gzip.compress(gzip.compress(CSV)), gzip.compress(zipped(("a.csv", CSV)))], ids=["gzip", "zip"]
)
def test_a_file_packed_twice_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed, match="which is not unpacked"):
        entries("csv", body)


@pytest.mark.parametrize("mark", [b"7z\xbc\xaf", b"Rar!\x1a", b"BZh91", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"])
def test_other_packings_are_named_and_refused(mark: bytes) -> None:
    with pytest.raises(Malformed, match="pack text by gzip or zip, once"):
        entries("csv", mark + b"....")


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(CSV * 1000)[:-12],
        gzip.compress(CSV)[:-1],
        gzip.compress(CSV)[:-8] + b"12345678",
        gzip.compress(CSV) + b"rubbish",
        b"\x1f\x8b",
        zipped(("a.csv", CSV))[:-10],
        b"PK\x03\x04rubbish",
        zipped(("a.csv", CSV)).replace(zlib.crc32(CSV).to_bytes(4, "little"), b"\1\2\3\4"),
    ],
    ids=[
        *("gzip cut in its data", "gzip cut in its size", "gzip with a wrong sum", "gzip with rubbish", "gzip mark"),
        *("zip cut", "zip mark", "zip with a wrong sum"),
    ],
)
def test_damaged_files_are_malformed(body: bytes) -> None:
    with pytest.raises(Malformed, match="damaged"):
        entries("csv", body)


@pytest.mark.parametrize("pack", [gzip.compress, lambda body: zipped(("a.csv", body))])
def test_a_bomb_is_refused_by_its_ratio(pack: object) -> None:
    assert callable(pack)
    with pytest.raises(Malformed, match="grows more than 200 times"):
        entries("csv", pack(b"id\n" + (b" " * 9999 + b"\n") * 2200))


@pytest.mark.parametrize("pack", [gzip.compress, lambda body: zipped(("a.csv", body))])
def test_a_bomb_is_refused_by_its_size(pack: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(pack)
    monkeypatch.setattr(sizes, "MOST_BYTES", 1024**2)
    with pytest.raises(Malformed, match="more than 1 MB when unpacked"):
        entries("csv", pack(b"id\n" + (b" " * 9999 + b"\n") * 110))


def test_members_share_one_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "MOST_BYTES", 1024**2)
    halves = [(f"{number}.csv", b"id\n" + (b" " * 9999 + b"\n") * 60) for number in range(2)]
    assert entries("csv", zipped(halves[0])) == []
    with pytest.raises(Malformed, match="more than 1 MB when unpacked"):
        entries("csv", zipped(*halves))


def test_a_document_is_not_held_beyond_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "MOST_AT_ONCE", 1024**2)
    with pytest.raises(Malformed, match="at most 1 MB; split it"):
        entries("json", b"[" + b" " * 1024**2 + b"]")


def test_chinese_names_from_windows_are_understood() -> None:
    name = "课程.csv".encode("gb18030")
    body = zipped(("x" * len(name), CSV)).replace(b"x" * len(name), name)
    assert read("csv", body, members="课程.csv") == (IDS, [])
    assert read("csv", zipped(("课程.csv", CSV)), members="课程.csv") == (IDS, [])
