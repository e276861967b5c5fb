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
        return self if _PLACES[self] >= _PLACES[other] else other


_PLACES = {tier: place for place, tier in enumerate(Access)}
