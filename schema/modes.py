"""How a lesson is taught at a distance, in which classroom kind, over which channel."""

from enum import StrEnum


class TeachingMode(StrEnum):
    """观摩 OBSERVED, 植入 EMBEDDED, 录播 RECORDED, 直播 LIVE, 双师 DUAL_TEACHER, 点播 ON_DEMAND."""

    LIVE = "LIVE"
    RECORDED = "RECORDED"
    EMBEDDED = "EMBEDDED"
    OBSERVED = "OBSERVED"
    DUAL_TEACHER = "DUAL_TEACHER"
    ON_DEMAND = "ON_DEMAND"


class ClassroomKind(StrEnum):
    """三个课堂: 专递课堂 DELIVERED, 名师课堂 MASTER_TEACHER, 名校网络课堂 MASTER_SCHOOL."""

    DELIVERED = "DELIVERED"
    MASTER_TEACHER = "MASTER_TEACHER"
    MASTER_SCHOOL = "MASTER_SCHOOL"


class DeliveryChannel(StrEnum):
    """How a resource reaches a home or a classroom."""

    WEB = "WEB"
    CABLE_TV = "CABLE_TV"
    IPTV = "IPTV"
    MOBILE = "MOBILE"
    CLASSROOM_TERMINAL = "CLASSROOM_TERMINAL"
    DOWNLOAD = "DOWNLOAD"
