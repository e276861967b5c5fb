"""People and organizations as resources name them."""

from enum import StrEnum


class ContributorRole(StrEnum):
    """What a person did for a resource."""

    LECTURER = "LECTURER"
    ASSISTANT = "ASSISTANT"
    LEAD_DEVELOPER = "LEAD_DEVELOPER"
    GUIDE = "GUIDE"
    TECHNICAL = "TECHNICAL"
    REVIEWER = "REVIEWER"
    HOST = "HOST"
    AUTHOR = "AUTHOR"
    PUBLISHER = "PUBLISHER"
    OTHER = "OTHER"


class OrganizationKind(StrEnum):
    """What an organization is."""

    SCHOOL = "SCHOOL"
    SCHOOL_GROUP = "SCHOOL_GROUP"
    BUREAU = "BUREAU"
    RESEARCH_INSTITUTE = "RESEARCH_INSTITUTE"
    UNIVERSITY = "UNIVERSITY"
    COMPANY = "COMPANY"
    PROGRAM = "PROGRAM"
    OTHER = "OTHER"
