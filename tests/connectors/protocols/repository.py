"""A small OAI-PMH repository whose habits a test chooses, with what it was asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from tests.connectors.protocols.platform import Scripted

HEAD = """\
manifest: 1
version: 1
platform: {code: example, name: 示例平台, region: "500103"}
origin: https://oai.example
"""


def manifest(section: str = "", fields: str = "") -> str:
    """The ten lines that a repository with Dublin Core needs, with more in its section or fields."""
    return f"{HEAD}harvest:\n  protocol: oai-pmh\n{section}  fields:\n    kind: {{constant: LESSON}}\n{fields}"


def answered(content: str) -> Response:
    """An answer of the protocol."""
    return Response(f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{content}</OAI-PMH>', media_type="text/xml")


def error(code: str, message: str = "") -> Response:
    """An error of the protocol."""
    return answered(f'<error code="{code}">{message}</error>')


def header(name: str, *, deleted: bool = False) -> str:
    """The header of a record."""
    status = ' status="deleted"' if deleted else ""
    return f"<header{status}><identifier>{name}</identifier><datestamp>2024-03-01T00:00:00Z</datestamp></header>"


def record(name: str, *, deleted: bool = False) -> str:
    """A record in Dublin Core; a deleted one has no metadata."""
    if deleted:
        return f"<record>{header(name, deleted=True)}</record>"
    dc = (
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>课 {name}</dc:title></oai_dc:dc>'
    )
    return f"<record>{header(name)}<metadata>{dc}</metadata></record>"


@dataclass
class Repository:
    """Lists `records` (id to whether it is deleted) in pages of two; `sets` limits them, `silent` hides deletions.

    `intercept` may answer a request before the repository does.
    """

    records: Mapping[str, bool]
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    granularity: str = "YYYY-MM-DDThh:mm:ssZ"
    silent: bool = False
    intercept: Callable[[Mapping[str, str], int], Response | None] = lambda asked, number: None

    def __post_init__(self) -> None:
        """Bring it up."""
        self.platform = Scripted(self._answer)
        self.asked: list[dict[str, str]] = []

    def _answer(self, request: Request, body: bytes, number: int) -> Response:
        asked = dict(request.query_params)
        self.asked.append(asked)
        return self.intercept(asked, number) or self._verb(asked)

    def _verb(self, asked: Mapping[str, str]) -> Response:
        verb = asked["verb"]
        if verb == "Identify":
            return answered(f"<Identify><granularity>{self.granularity}</granularity></Identify>")
        if verb == "GetRecord":
            return answered(f"<GetRecord>{record(asked['identifier'])}</GetRecord>")
        if verb == "ListMetadataFormats":
            formats = "".join(f"<metadataFormat><metadataPrefix>{p}</metadataPrefix></metadataFormat>" for p in "ab")
            return answered(f"<ListMetadataFormats>{formats}</ListMetadataFormats>")
        name, _, start = asked.get("resumptionToken", f"{asked.get('set', '')}|0").partition("|")
        chosen = [key for key in self.records if not name or key in self.sets[name]]
        if self.silent and verb == "ListRecords":
            chosen = [key for key in chosen if not self.records[key]]
        if not chosen:
            return error("noRecordsMatch")
        first = int(start)
        page = chosen[first : first + 2]
        written = [(record if verb == "ListRecords" else header)(key, deleted=self.records[key]) for key in page]
        more = first + 2 < len(chosen)
        token = (
            f'<resumptionToken completeListSize="{len(chosen)}">{name}|{first + 2}</resumptionToken>' if more else ""
        )
        return answered(f"<{verb}>{''.join(written)}{token}</{verb}>")


def live(*names: str) -> dict[str, bool]:
    """Records that are there."""
    return dict.fromkeys(names, False)
