"""The OAI-PMH 2.0 protocol: requests and their arguments, errors, and the envelope of an answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lxml import etree

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SECONDS, DAY = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"

ARGUMENTS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "Identify": (frozenset(), frozenset()),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListSets": (frozenset(), frozenset({"resumptionToken"})),
    "ListIdentifiers": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set", "resumptionToken"})),
    "ListRecords": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set", "resumptionToken"})),
    "GetRecord": (frozenset({"identifier", "metadataPrefix"}), frozenset()),
}
"""Required and optional arguments of each verb; a resumptionToken stands alone."""


class OaiError(Exception):
    """A condition of the protocol, answered under HTTP 200 as `<error code="…">`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Window:
    """Which datestamps are wanted, as epoch seconds, both included; None is open."""

    first: int | None
    last: int | None


def arguments(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The arguments of a request, checked against its verb; raises badVerb or badArgument."""
    if not all(text.isprintable() for pair in pairs for text in pair):  # XML could not repeat them
        raise OaiError("badArgument", "参数含有控制字符")
    given = dict(pairs)
    verbs = [value for name, value in pairs if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in ARGUMENTS:
        raise OaiError("badVerb", "verb 缺失、重复或不是六个动词之一")
    if len(given) != len(pairs):
        raise OaiError("badArgument", "参数不得重复")
    required, optional = ARGUMENTS[given["verb"]]
    names = set(given) - {"verb"}
    if foreign := names - required - optional:
        raise OaiError("badArgument", f"{given['verb']} 不接受参数 {'、'.join(sorted(foreign))}")
    if "resumptionToken" in names:
        if len(names) > 1:
            raise OaiError("badArgument", "resumptionToken 不得与其他参数同用")
    elif missing := required - names:
        raise OaiError("badArgument", f"{given['verb']} 缺少参数 {'、'.join(sorted(missing))}")
    return given


def window(given: Mapping[str, str]) -> Window:
    """`from` and `until` with seconds or as days; both must have one granularity, and `from` must not be later."""
    first, last = (_instant(name, given[name]) if name in given else None for name in ("from", "until"))
    if first and last:
        if first[1] != last[1]:
            raise OaiError("badArgument", "from 与 until 的粒度须一致")
        if first[0] > last[0]:
            raise OaiError("badArgument", "from 晚于 until")
    if last and last[1] == DAY:
        last = last[0] + timedelta(days=1, seconds=-1), DAY
    return Window(int(first[0].timestamp()) if first else None, int(last[0].timestamp()) if last else None)


def _instant(name: str, text: str) -> tuple[datetime, str]:
    for form, length in ((SECONDS, 20), (DAY, 10)):
        if len(text) == length:  # strptime alone would take 2025-1-1 too
            try:
                return datetime.strptime(text, form).replace(tzinfo=UTC), form
            except ValueError:
                break
    raise OaiError("badArgument", f"{name} 须为 YYYY-MM-DD 或 YYYY-MM-DDThh:mm:ssZ")


def utc(seconds: float) -> str:
    """Epoch seconds as `2024-03-05T01:30:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime(SECONDS)


def answer(base_url: str, now: float, given: Mapping[str, str], content: Iterator[etree._Element] | OaiError) -> bytes:
    """The document: responseDate, request (without attributes after badVerb and badArgument), then content or error."""
    root = etree.Element(f"{{{NAMESPACE}}}OAI-PMH", nsmap={None: NAMESPACE, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
    add(root, "responseDate", utc(now))
    request = add(root, "request", base_url)
    if isinstance(content, OaiError):
        if content.code not in ("badVerb", "badArgument"):
            request.attrib.update(dict(given))
        add(root, "error", str(content)).set("code", content.code)
    else:
        request.attrib.update(dict(given))
        verb = add(root, given["verb"])
        verb.extend(content)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def element(name: str, text: str | None = None) -> etree._Element:
    """An element of the OAI namespace."""
    made = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={None: NAMESPACE})
    made.text = text
    return made


def add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """A child of the OAI namespace."""
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    child.text = text
    return child
