"""Joint programs, alliances and communities: owners of their own, never children of one platform."""

import functools
import importlib.resources
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from pydantic import TypeAdapter

from schema.records import Record
from schema.resources import Code, Organization, RegionCode, Text, Url
from schema.vocabularies import fold


class ProgramKind(StrEnum):
    """What holds the members together."""

    JOINT_PROGRAM = "JOINT_PROGRAM"
    ALLIANCE = "ALLIANCE"
    COMMUNITY = "COMMUNITY"
    SCHOOL_GROUP = "SCHOOL_GROUP"


class MemberRole(StrEnum):
    """What a member does in a program: 主播学校 is ANCHOR, 接收学校 is RECEIVING."""

    LEAD = "LEAD"
    ANCHOR = "ANCHOR"
    RECEIVING = "RECEIVING"
    PARTNER = "PARTNER"


class Membership(Record):
    """One organization's part in a program over a span of days, both ends included."""

    organization: Organization
    role: MemberRole
    valid_from: date | None = None
    valid_to: date | None = None


class Program(Record):
    """A joint program with the platforms and regions it spans."""

    code: Code
    name: Text
    name_en: Text | None = None
    aliases: tuple[Text, ...] = ()
    kind: ProgramKind
    platforms: tuple[Code, ...] = ()
    regions: tuple[RegionCode, ...] = ()
    members: tuple[Membership, ...] = ()
    source: Text | None = None
    """The publication that names the program; members are only those it names."""
    source_url: Url | None = None


@functools.cache
def programs() -> Mapping[str, Program]:
    """Every known program by code, in the order of `schema/data/programs.json`."""
    table = importlib.resources.files("schema").joinpath("data", "programs.json").read_bytes()
    known = TypeAdapter(tuple[Program, ...]).validate_json(table)
    return MappingProxyType({program.code: program for program in known})


def program_named(text: str) -> Program | None:
    """The program whose code, name or alias this text is, regardless of width, case and spaces."""
    return programs().get(_names().get(fold(text), ""))


@functools.cache
def _names() -> Mapping[str, str]:
    return {
        fold(name): program.code
        for program in programs().values()
        for name in (program.code, program.name, program.name_en, *program.aliases)
        if name
    }
