"""What the six verbs answer: records of the catalog, sets, tokens that expire, and the habits of the server."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lxml import etree

from connectors.simulators.catalog import DAY, START, Native
from connectors.simulators.draw import digest
from connectors.simulators.neijiang import dublin_core as dc
from connectors.simulators.neijiang import lom
from connectors.simulators.neijiang.oai import OaiError, Window, add, element, utc, window
from connectors.simulators.neijiang.records import NeijiangRecords
from connectors.simulators.simulation import Simulation

ORIGIN = "https://oai.njeducloud.example"
BASE_URL = f"{ORIGIN}/oai"
KEPT_SELECTIONS = 16
FORMATS: Mapping[str, tuple[str, str, Callable[[Native], etree._Element]]] = {
    "oai_dc": (dc.SCHEMA, dc.NAMESPACE, dc.dublin_core),
    "oai_lom": (lom.SCHEMA, lom.NAMESPACE, lom.lom),
}
SETS = {
    "course": "课程",
    "plan": "教案",
    "lab": "实验材料",
    "assess": "评测工具",
    "research": "研究型课程",
    "vocational": "职业技能课程",
    "package": "跨校共研课程包",
    "package:chinese": "跨校共研课程包（语文）",
    "package:mathematics": "跨校共研课程包（数学）",
    "package:science": "跨校共研课程包（科学）",
    "package:it": "跨校共研课程包（信息技术）",
}
IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"


@dataclass(slots=True)
class Habits:
    """How this server behaves where the protocol leaves it open; tests may change them while it runs.

    `deleted_record` is what Identify says: persistent shows every deletion, transient for `transient_days` after it, no
    shows none. `list_records_omits_deletions` shows them in ListIdentifiers and GetRecord only. A token lives
    `token_seconds`.
    """

    deleted_record: Literal["persistent", "transient", "no"] = "persistent"
    list_records_omits_deletions: bool = False
    sets: bool = True
    page_size: int = 100
    token_seconds: int = 600
    transient_days: int = 90


@dataclass(frozen=True, slots=True)
class _Walk:
    """A list request and how far it came: the last ordinal sent, and how many were."""

    prefix: str
    window: Window
    set: str | None
    after: int = -1
    sent: int = 0


class Repository:
    """The verbs over one catalog."""

    def __init__(self, simulation: Simulation, records: NeijiangRecords, habits: Habits) -> None:
        self._records = records
        self._simulation, self._catalog, self._habits = simulation, simulation.catalog, habits
        self._given = 0
        self._tokens: dict[str, tuple[str, _Walk, int]] = {}
        self._selections: OrderedDict[object, Sequence[int]] = OrderedDict()

    def forget_tokens(self) -> None:
        """Make every token given so far a bad one, as a restart of the server does."""
        self._tokens.clear()

    def content(self, given: Mapping[str, str]) -> Iterator[etree._Element]:
        """The children of the verb's element; raises OaiError."""
        match given["verb"]:
            case "Identify":
                return self._identify()
            case "ListMetadataFormats":
                return self._formats(given.get("identifier"))
            case "ListSets":
                return self._sets(given)
            case "GetRecord":
                ordinal = self._known(given["identifier"])
                return iter((self._record(ordinal, _format(given["metadataPrefix"])),))
            case verb:
                return iter(self._list(verb, given))

    def _identify(self) -> Iterator[etree._Element]:
        yield element("repositoryName", "内江市教育云平台")
        yield element("baseURL", BASE_URL)
        yield element("protocolVersion", "2.0")
        yield element("adminEmail", "oai@njeducloud.example")
        yield element("earliestDatestamp", utc(START // 1000))
        yield element("deletedRecord", self._habits.deleted_record)
        yield element("granularity", "YYYY-MM-DDThh:mm:ssZ")
        description = element("description")
        scheme = etree.SubElement(description, f"{{{IDENTIFIER}}}oai-identifier", nsmap={None: IDENTIFIER})
        for name, text in (
            ("scheme", "oai"),
            ("repositoryIdentifier", "njeducloud.example"),
            ("delimiter", ":"),
            ("sampleIdentifier", self._catalog.native_id(0)),
        ):
            etree.SubElement(scheme, f"{{{IDENTIFIER}}}{name}").text = text
        yield description

    def _formats(self, identifier: str | None) -> Iterator[etree._Element]:
        if identifier is not None and self._catalog.stamp(self._known(identifier)).deleted:
            raise OaiError("noMetadataFormats", "该记录已删除，没有元数据")
        found = []
        for prefix, (schema, namespace, _) in FORMATS.items():
            entry = element("metadataFormat")
            for name, text in (("metadataPrefix", prefix), ("schema", schema), ("metadataNamespace", namespace)):
                add(entry, name, text)
            found.append(entry)
        return iter(found)

    def _sets(self, given: Mapping[str, str]) -> Iterator[etree._Element]:
        self._need_sets()
        if "resumptionToken" in given:
            raise OaiError("badResumptionToken", "ListSets 不分页")
        found = []
        for spec, name in SETS.items():
            entry = element("set")
            add(entry, "setSpec", spec)
            add(entry, "setName", name)
            found.append(entry)
        return iter(found)

    def _list(self, verb: str, given: Mapping[str, str]) -> list[etree._Element]:
        if "resumptionToken" in given:
            walk = self._resumed(verb, given["resumptionToken"])
        else:
            walk = _Walk(given["metadataPrefix"], window(given), given.get("set"))
        _format(walk.prefix)
        if walk.set is not None:
            self._need_sets()
        selection = self._selection(verb, walk)
        if not selection:
            raise OaiError("noRecordsMatch", "没有符合条件的记录")
        start = bisect_right(selection, walk.after)
        page = selection[start : start + self._habits.page_size]
        dress = _format(walk.prefix)
        found = [self._header(o) if verb == "ListIdentifiers" else self._record(o, dress) for o in page]
        more = start + len(page) < len(selection)
        if more or walk.sent:
            found.append(self._token(verb, walk, page[-1] if more else None, len(page), len(selection)))
        return found

    def _token(self, verb: str, walk: _Walk, last: int | None, count: int, total: int) -> etree._Element:
        """The token of a page, empty on the last of several."""
        made = element("resumptionToken")
        if last is not None:
            expires = int(self._simulation.now().timestamp()) + self._habits.token_seconds
            made.set("expirationDate", utc(expires))
            made.text = self._kept(verb, replace(walk, after=last, sent=walk.sent + count), expires)
        made.set("completeListSize", str(total))
        made.set("cursor", str(walk.sent))
        return made

    def _resumed(self, verb: str, token: str) -> _Walk:
        of, walk, expires = self._tokens.get(token, ("", None, 0))
        if of != verb or walk is None or self._simulation.now().timestamp() > expires:
            raise OaiError("badResumptionToken", "resumptionToken 无法识别或已过期")
        return walk

    def _kept(self, verb: str, walk: _Walk, expires: int) -> str:
        now = self._simulation.now().timestamp()
        self._tokens = {token: state for token, state in self._tokens.items() if state[2] >= now}
        self._given += 1
        token = digest(self._catalog.seed, "oai-token", self._given)
        self._tokens[token] = (verb, walk, expires)
        return token

    def _selection(self, verb: str, walk: _Walk) -> Sequence[int]:
        """Ordinals that a list request wants; kept until the catalog or a habit changes, so that pages are cheap."""
        omits = verb == "ListRecords" and self._habits.list_records_omits_deletions
        oldest = self._oldest_deletion()
        if oldest == float("-inf") and not omits and walk.set is None and walk.window == Window(None, None):
            return self._catalog.ordinals()
        key = (omits, oldest, walk.window, walk.set, self._catalog.revision)
        known = self._selections.get(key)
        if known is None:
            first, last = walk.window.first, walk.window.last
            known = [
                ordinal
                for ordinal in self._catalog.ordinals(None if first is None else first * 1000)
                if (last is None or self._catalog.stamp(ordinal).updated // 1000 <= last)
                and self._shows(ordinal, omits, oldest)
                and (walk.set is None or f"{self._set(ordinal)}:".startswith(f"{walk.set}:"))
            ]
            self._selections[key] = known
            if len(self._selections) > KEPT_SELECTIONS:
                self._selections.popitem(last=False)
        return known

    def _oldest_deletion(self) -> float:
        """Deletions before this instant (epoch milliseconds) are not shown."""
        if self._habits.deleted_record == "transient":
            return self._simulation.milliseconds() // 1000 * 1000 - self._habits.transient_days * DAY
        return float("-inf") if self._habits.deleted_record == "persistent" else float("inf")

    def _shows(self, ordinal: int, omits: bool, oldest: float) -> bool:
        stamp = self._catalog.stamp(ordinal)
        return not stamp.deleted or (not omits and stamp.updated >= oldest)

    def _known(self, identifier: str) -> int:
        try:
            self._catalog.get(identifier)
            ordinal = self._records.ordinal(identifier)
        except KeyError:
            ordinal = -1
        exists = ordinal >= 0 and self._records.native_id(ordinal) == identifier
        if not exists or not self._shows(ordinal, False, self._oldest_deletion()):
            raise OaiError("idDoesNotExist", "没有这个标识符")
        return ordinal

    def _set(self, ordinal: int) -> str:
        spec: str = self._catalog.record(ordinal)["set"]
        return spec

    def _header(self, ordinal: int) -> etree._Element:
        stamp = self._catalog.stamp(ordinal)
        header = element("header")
        if stamp.deleted:
            header.set("status", "deleted")
        add(header, "identifier", self._catalog.native_id(ordinal))
        add(header, "datestamp", utc(stamp.updated // 1000))
        if self._habits.sets:
            add(header, "setSpec", self._set(ordinal))
        return header

    def _record(self, ordinal: int, dress: Callable[[Native], etree._Element]) -> etree._Element:
        record = element("record")
        record.append(self._header(ordinal))
        if not self._catalog.stamp(ordinal).deleted:
            add(record, "metadata").append(dress(self._catalog.record(ordinal)))
        return record

    def _need_sets(self) -> None:
        if not self._habits.sets:
            raise OaiError("noSetHierarchy", "本仓储不分集合")


def _format(prefix: str) -> Callable[[Native], etree._Element]:
    if prefix not in FORMATS:
        raise OaiError("cannotDisseminateFormat", f"没有元数据格式 {prefix}")
    return FORMATS[prefix][2]
