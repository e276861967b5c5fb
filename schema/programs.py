"""Joint programs, alliances and communities: owners of their own, never children of one platform."""

from datetime import date
from enum import StrEnum

from schema.records import Record
from schema.resources import Code, Organization, RegionCode, Text, Url


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
    kind: ProgramKind
    platforms: tuple[Code, ...] = ()
    regions: tuple[RegionCode, ...] = ()
    members: tuple[Membership, ...] = ()
    source_url: Url | None = None
