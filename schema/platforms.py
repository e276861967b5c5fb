"""What is known of a platform, whoever connects it."""

from enum import StrEnum

from schema.access import Access
from schema.records import Record
from schema.resources import RegionCode, Text, Url
from schema.values import PlatformCode


class Capability(StrEnum):
    """What a platform's connector can do."""

    HARVEST = "HARVEST"
    INCREMENTAL = "INCREMENTAL"
    TOMBSTONES = "TOMBSTONES"
    LIVE_SEARCH = "LIVE_SEARCH"
    USAGE = "USAGE"
    TRAINING = "TRAINING"


class PlatformDescription(Record):
    """A platform as its manifest describes it; `access` narrows every resource of the platform.

    `simulated` says that the platform publishes no API that can be called from outside, so that a simulator answers.
    """

    code: PlatformCode
    name: Text
    region: RegionCode
    name_en: Text | None = None
    aliases: tuple[Text, ...] = ()
    operator: Text | None = None
    homepage: Url | None = None
    access: Access = Access.PUBLIC
    simulated: bool = False
