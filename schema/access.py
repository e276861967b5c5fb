"""Who may see a resource, copy it and adapt it."""

from enum import StrEnum


class Access(StrEnum):
    """Tiers from everybody to one school, widest first."""

    PUBLIC = "PUBLIC"
    REGISTERED = "REGISTERED"
    PROVINCE = "PROVINCE"
    CITY = "CITY"
    DISTRICT = "DISTRICT"
    SCHOOL = "SCHOOL"

    def narrower(self, other: "Access") -> "Access":
        """The stricter of two tiers: a platform's rule and its resource's rule taken together."""
        order = tuple(Access)
        return max(self, other, key=order.index)
