"""What a draft is, and what is known beforehand about the platform it is for."""

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from connectors.drafts.writing import Block, written
from connectors.transport.urls import origin

SectionName = Literal["harvest", "training", "usage"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A manifest's first text, and what is to be known about it; `needed` names what is still to be added."""

    text: str
    notes: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What the partner says of the platform; `address` is its origin, or better the whole address that was asked."""

    code: str | None = None
    name: str | None = None
    region: str | None = None
    address: str | None = None
    section: SectionName = "harvest"

    @property
    def origin(self) -> str | None:
        """The origin of the address; raises `ValueError` for what is none."""
        if self.address is None:
            return None
        parts = urlsplit(self.address)
        return origin(f"{parts.scheme}://{parts.netloc}")

    @property
    def path(self) -> str | None:
        """The path of the address where it has one."""
        path = urlsplit(self.address).path if self.address else ""
        return path if path not in ("", "/") else None

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the address."""
        return dict(parse_qsl(urlsplit(self.address).query)) if self.address else {}


@dataclass(frozen=True, slots=True)
class Given:
    """A value for the head of the manifest, and why; a value of None has to be added by hand."""

    value: Any
    why: str


def assembled(about: About, section: Block, *, head: dict[str, Given], tables: Block, before: Block) -> Draft:
    """The whole manifest around one section; `before` stands between the origin and the vocabularies."""
    needed: list[str] = []
    top = Block()
    top.remark("A first draft. `guess` says why something stands here; `needed` is for you to write. Then check it:")
    top.remark("shanhai connectors check FILE")
    top.put("manifest", 1)
    top.put("version", 1)
    platform = Block()
    for key, hint in _PLATFORM.items():
        said = getattr(about, key)
        given = Given(said, "") if said is not None else head.get(key, Given(None, ""))
        if given.value is None:
            platform.remark(f"{key}: {hint}")
            needed.append(f"platform.{key}")
        else:
            platform.put(key, given.value, given.why)
    top.put("platform", platform)
    found = Given(about.origin, "") if about.address else head.get("origin", Given(None, ""))
    if found.value is None:
        top.remark("origin: https://api.example.org # needed: scheme and host of the interface, without a path")
        needed.append("origin")
    else:
        top.put("origin", found.value, found.why)
    top.entries.extend(before.entries)
    if tables:
        top.put("vocabularies", tables)
    if about.section != "harvest":
        top.remark("needed: a section `harvest`, which every manifest has; or move the section below into yours")
        needed.append("harvest")
    top.put(about.section, section)
    return Draft(written(top), needed=tuple(needed))


_PLATFORM = {
    "code": "jiangcheng # needed: a short name of lower-case letters and digits, never changed again",
    "name": "江城云课 # needed: the platform's name as people know it",
    "region": '"420100" # needed: the GB/T 2260 code in quotation marks',
}
