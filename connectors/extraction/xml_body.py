"""XML bodies read into elements, without anything that XML can do to a reader."""

import codecs
import re

from lxml import etree

MOST_TAGS = 1_000_000
"""Start and end tags of a document; libxml2 itself refuses more than 256 levels and texts of more than 10 MB."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION = re.compile(rb"""\s*<\?xml\s[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["'][^>]{0,100}\?>""")
_BLANKS = re.compile(r"\s*")
_ENCODINGS = re.compile(r"utf-8|us-ascii|ascii|gb.*|cp936|big5.*|iso-8859-\d+|windows-125\d|shift_jis|euc-(?:jp|kr)")


class XmlError(ValueError):
    """Bytes that are no XML, or XML that is refused; the message says why and in which line."""


def read_xml(body: bytes) -> etree._Element:
    """The root element. Document types, and with them entities, are refused; nothing is ever fetched.

    The encoding is that of the byte order mark, else of the declaration (GB2312 and GBK are read as GB18030, which
    holds both), else UTF-8. Blank lines before the declaration, which XML forbids and some servers send, are passed
    over.
    """
    text = _decoded(body)
    content = text.lstrip()
    skipped = text[: len(text) - len(content)].count("\n")
    if content.count("<") > MOST_TAGS:
        raise XmlError(f"the document has more than {MOST_TAGS:,} tags; ask for smaller pages")
    _refuse_document_type(content, skipped)
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root: etree._Element = etree.fromstring(content.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        line, _ = error.position
        reason = (error.msg or "no XML").partition(", line ")[0].partition(", use XML_PARSE_HUGE")[0].strip()
        raise XmlError(f"{reason} (line {line + skipped})") from error
    return root


def _decoded(body: bytes) -> str:
    encoding, mark = next(((name, mark) for mark, name in _MARKS if body.startswith(mark)), (None, b""))
    if encoding is None:
        declared = _DECLARATION.match(body)
        encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
        if not _ENCODINGS.fullmatch(encoding):
            raise XmlError(f"the encoding {encoding!r} is not read here; UTF-8 and GB18030 are")
        if encoding.startswith("gb") or encoding == "cp936":
            encoding = "gb18030"
    try:
        return body[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise XmlError(f"byte 0x{body[error.start]:02x} is not {encoding} (line {line})") from error
    except LookupError as error:
        raise XmlError(f"the encoding {encoding!r} is not read here; UTF-8 and GB18030 are") from error


def _refuse_document_type(text: str, skipped: int) -> None:
    """Looks through what may stand before the root element, so that no parser sees a declaration of entities."""
    place = 0
    while blanks := _BLANKS.match(text, place):
        place = blanks.end()
        if text.startswith("<!--", place):
            end = text.find("-->", place + 4) + 3
        elif text.startswith("<?", place):
            end = text.find("?>", place + 2) + 2
        else:
            break
        if end < place:
            return
        place = end
    if text[place : place + 9].upper() == "<!DOCTYPE":
        line = text.count("\n", 0, place) + 1 + skipped
        kind = "an HTML page, not XML" if text[place + 9 :].lstrip()[:4].lower() == "html" else "refused"
        raise XmlError(f"a document with a DOCTYPE is {kind} (line {line})")
