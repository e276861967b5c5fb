"""XML bodies: decoded as declared, and harmless."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.extraction import XmlError, decode_embedded, read_xml

BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">'.replace("lol0", "lol").encode() for n in range(1, 10))
    + b"]><lolz>&lol9;</lolz>"
)
QUADRATIC = b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 50_000 + b'">]><a>' + b"&x;" * 50_000 + b"</a>"
EXTERNAL = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
PARAMETER = b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://localhost:9/x.dtd"> %x;]><a/>'
EXTERNAL_SUBSET = b'<!-- note --><?style x?>\n<!DOCTYPE a SYSTEM "http://localhost:9/a.dtd"><a/>'


@pytest.mark.parametrize("body", [BILLION_LAUGHS, QUADRATIC, EXTERNAL, PARAMETER, EXTERNAL_SUBSET, b"<!DOCTYPE a><a/>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_before_it_is_parsed(body: bytes, encoding: str) -> None:
    with pytest.raises(XmlError, match=r"DOCTYPE is refused \(line [12]\)"):
        read_xml(body.decode().encode(encoding))


def test_a_login_page_is_called_by_its_name() -> None:
    with pytest.raises(XmlError, match=r"an HTML page, not XML \(line 3\)"):
        read_xml(b"\n\n<!doctype html><html><br></html>")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<a>" * 257 + b"</a>" * 257, r"Excessive depth in document: 256 \(line 1\)"),
        (b"<a>\n&x;</a>", r"Entity 'x' not defined \(line 2\)"),
        (b"\n\n<a>\n</b>", r"Opening and ending tag mismatch: a .* \(line 4\)"),
        (b"<a>\x00</a>", r"out of allowed range \(line 1\)"),
        (b"<a/><b/>", r"Extra content"),
        (b"", r"Document is empty"),
        (b"<!-- never closed", r"\(line 1\)"),
        (b"<a/>" * 1_000_001, r"more than 1,000,000 tags; ask for smaller pages"),
        (b'<?xml version="1.0" encoding="utf-8"?>\n<a>' + "课".encode("gb18030"), r"byte 0xbf is not utf-8 \(line 2\)"),
        (b'<?xml version="1.0" encoding="unicode_escape"?><a/>', r"'unicode_escape' is not read here"),
        (b'<?xml version="1.0" encoding="gb-what"?>\xff', r"byte 0xff is not gb18030"),
        (b'<?xml version="1.0" encoding="iso-8859-99"?><a/>', r"'iso-8859-99' is not read here"),
    ],
)
def test_what_is_no_xml_is_refused_with_its_line(body: bytes, message: str) -> None:
    with pytest.raises(XmlError, match=message):
        read_xml(body)


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("GB2312", "gb18030"),
        ("gbk", "gb18030"),
        ("GB18030", "gb18030"),
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("GB2312", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-32"),
        ("big5-hkscs", "big5-hkscs"),
    ],
)
def test_a_body_is_decoded_as_marked_then_as_declared(declared: str, encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{declared}"?>\n<課程>題</課程>'.encode(encoding)
    root = read_xml(body)
    assert (root.tag, root.text) == ("課程", "題")


def test_characters_beyond_gb2312_are_read_where_it_is_declared() -> None:
    assert read_xml('<?xml version="1.0" encoding="gb2312"?><a>朱镕基𠀀€</a>'.encode("gb18030")).text == "朱镕基𠀀€"


def test_blank_lines_before_the_declaration_are_passed_over() -> None:
    assert read_xml(b'\r\n\n <?xml version="1.0"?>\n<a> x </a>').text == " x "


def test_the_deepest_document_is_read() -> None:
    assert read_xml(b"<a>" * 256 + b"</a>" * 256).tag == "a"


@given(body=st.binary(max_size=60) | st.text("<!>-?[]DOCTYPE a/&;\n", max_size=60).map(str.encode))
def test_any_bytes_are_xml_or_a_clear_error(body: bytes) -> None:
    try:
        root = read_xml(body)
    except XmlError as error:
        message = str(error)
    else:
        message = "(line 1)" if root.getroottree().docinfo.internalDTD is None else "a document type was read"
    assert "(line " in message or "encoding" in message


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (' {"a": [1]} ', "json", {"a": [1]}),
        ("  ", "json", None),
        ({"a": 1}, "json", {"a": 1}),
        (None, "xml", None),
    ],
)
def test_json_inside_a_string_is_read(value: object, kind: str, expected: object) -> None:
    assert decode_embedded(value, kind) == expected  # type: ignore[arg-type]


def test_xml_inside_a_string_is_read_whatever_encoding_it_declares() -> None:
    root = decode_embedded('<?xml version="1.0" encoding="GB2312"?><题>勾股</题>', "xml")
    assert (root.tag, root.text) == ("题", "勾股")


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_a_string_that_holds_neither_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_embedded("{", kind)  # type: ignore[arg-type]
