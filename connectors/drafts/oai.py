"""A first manifest drafted from an OAI-PMH server: what it says of itself, its formats, its sets, a page of records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from connectors.drafts.draft import About, Draft, Given
from connectors.drafts.fields import draft_fields
from connectors.drafts.oai_records import DUBLIN_CORE, is_oai, oai_section
from connectors.drafts.sample import RECORDS, Section, completed
from connectors.drafts.writing import Block, shown
from connectors.errors import Malformed, UpstreamFailure
from connectors.extraction import XmlError, read_xml
from connectors.protocols.oai_pmh import NAMESPACE
from connectors.transport import Request, Transport
from connectors.transport.urls import with_query

_OAI = f"{{{NAMESPACE}}}"
_RICHEST = ("lom", "qdc", "mods", "dcterms")
_LONE = "oai_dc"
MOST_SETS = 40
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Server:
    """What a server says of itself; `formats` are prefix to namespace, `sets` names by their spec."""

    identity: Mapping[str, str]
    formats: Mapping[str, str]
    sets: Mapping[str, str]
    more_sets: bool


async def draft_from_oai(url: str, transport: Transport, about: About | None = None) -> Draft:
    """Draft a manifest from the base address of an OAI-PMH server; four requests are sent, all through `transport`.

    Raises `ConnectorError` where the server does not answer as OAI-PMH does, and `ValueError` for an address that is
    none.
    """
    parts = urlsplit(url)
    about = replace(about or About(), address=f"{parts.scheme}://{parts.netloc}{parts.path}")
    if about.origin is None or about.section == "usage":
        raise ValueError("OAI-PMH lists records, which usage has none of")
    server = await _described(url, transport)
    prefix = _richest(server.formats)
    answer = await _ask(url, transport, {"verb": "ListRecords", "metadataPrefix": prefix})
    keys, material = oai_section(answer, "the answer to ListRecords", about, prefix)
    _tell(keys, server, prefix)
    section = Section(keys, material)
    drafted = draft_fields(RECORDS[about.section], material)
    name = server.identity.get("repositoryName")
    head = {
        "name": Given(name, "guess: repositoryName") if name else Given(None, ""),
        "code": Given(code_of(parts.hostname or ""), "guess: from the host; it never changes again"),
    }
    return completed(section, drafted, about, head, f"{len(material.raw)} records of the server")


def code_of(host: str) -> str | None:
    """A short name from a host: `api.jiangcheng.example` is jiangcheng; None where it holds none."""
    labels = [
        label for label in host.lower().split(".") if label not in ("www", "api", "oai", "open", "com", "cn", "org")
    ]
    word = labels[-2] if len(labels) > 1 else labels[0] if labels else ""
    return word if word[:1].isalpha() and word.replace("-", "").isalnum() and word.isascii() else None


async def _described(url: str, transport: Transport) -> _Server:
    identify = (await _ask(url, transport, {"verb": "Identify"})).find(f"{_OAI}Identify")
    if identify is None:
        raise Malformed("the answer to Identify holds no Identify element: it is no OAI-PMH answer")
    identity = {
        child.tag.removeprefix(_OAI): (child.text or "").strip() for child in identify if isinstance(child.tag, str)
    }
    listed = await _ask(url, transport, {"verb": "ListMetadataFormats"})
    formats = {
        _said(one, "metadataPrefix"): _said(one, "metadataNamespace") for one in listed.iter(f"{_OAI}metadataFormat")
    }
    try:
        found = await _ask(url, transport, {"verb": "ListSets"})
    except UpstreamFailure:  # a server without sets says so by an error
        return _Server(identity, formats, {}, more_sets=False)
    sets = {_said(one, "setSpec"): _said(one, "setName") for one in found.iter(f"{_OAI}set")}
    token = found.find(f".//{_OAI}resumptionToken")
    return _Server(identity, formats, sets, more_sets=token is not None and bool((token.text or "").strip()))


async def _ask(url: str, transport: Transport, parameters: Mapping[str, str]) -> Any:
    base = url.partition("?")[0]
    response = await transport.send(
        Request("GET", with_query(base, parameters), {"accept": "text/xml"}, timeout=SECONDS)
    )
    verb = parameters["verb"]
    if response.status != 200:
        raise UpstreamFailure(f"{verb}: HTTP {response.status}; is this the base address of the OAI-PMH interface?")
    try:
        root = read_xml(response.body)
    except XmlError as error:
        raise Malformed(f"the answer to {verb} is no XML: {error}") from None
    if not is_oai(root):
        raise Malformed(f"the answer to {verb} is XML, but no OAI-PMH answer")
    wrong = root.find(f"{_OAI}error")
    if wrong is not None:
        raise UpstreamFailure(f"OAI-PMH {wrong.get('code')}: {(wrong.text or '').strip()[:200]}")
    return root


def _said(element: Any, name: str) -> str:
    return (element.findtext(f"{_OAI}{name}") or "").strip()


def _richest(formats: Mapping[str, str]) -> str:
    """The prefix of the format that says most: LOM before qualified Dublin Core before the plain one."""

    def rank(prefix: str) -> tuple[int, str]:
        described = f"{prefix} {formats[prefix]}".lower()
        known = next((number for number, word in enumerate(_RICHEST) if word in described), None)
        return (known if known is not None else 50 if prefix == _LONE else 40, prefix)

    known = [one for one in formats if rank(one)[0] < 40 or one == DUBLIN_CORE]
    return min(known or list(formats), key=rank, default=DUBLIN_CORE)


def _tell(keys: Block, server: _Server, prefix: str) -> None:
    """What the server says of itself, as remarks beside the keys it decides."""
    others = sorted(set(server.formats) - {prefix})
    if others:
        keys.remark(f"other formats of the server: {', '.join(others)}")
    policy = server.identity.get("deletedRecord", "no")
    keys.remark(f"deletedRecord: {policy}; {_POLICIES.get(policy, 'an unknown policy')}")
    granularity = server.identity.get("granularity")
    if granularity:
        keys.remark(
            f"granularity: {granularity}, earliest record {server.identity.get('earliestDatestamp', 'unknown')}"
        )
    keys.entries.extend(_sets(server))


def _sets(server: _Server) -> Sequence[str]:
    if not server.sets:
        return ["the server has no sets"]
    first = next(iter(server.sets))
    lines = [f"sets: [{shown(first, 60)}] reads these sets only; without it everything is read. The server has"]
    lines += [f"- {shown(spec, 60)}: {shown(name, 100)}" for spec, name in list(server.sets.items())[:MOST_SETS]]
    if server.more_sets or len(server.sets) > MOST_SETS:
        lines.append("- and more, which ListSets names")
    return lines


_POLICIES = {
    "persistent": "deleted records stay listed for ever",
    "transient": "deleted records are listed for a while; harvest more often than that",
    "no": "deletions are not told; a complete harvest finds what disappeared",
}
