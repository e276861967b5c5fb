"""How every record of the common schema behaves: immutable, strict, camelCase outside and snake_case inside."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Record(BaseModel):
    """Base of all records: unknown keys are refused, values are never changed in place.

    Records are read and written as camelCase JSON (the names of the public GraphQL contract), and built in Python by
    snake_case names.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        str_strip_whitespace=True,
        ser_json_timedelta="float",
    )

    def to_json(self) -> bytes:
        """Compact camelCase JSON without absent values; equal records give equal bytes."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_defaults=True)
