"""How a field's value is found and turned into one of ours: the rules under `fields:`."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from connectors.extraction import PatternError, compile_pattern
from connectors.manifest.transforms import TransformError, compile_transform
from connectors.templates import TemplateError, pieces_of
from schema.records import Record

MOST_STEPS = 10
"""Transforms of one value."""


def _valid_regex(text: str) -> str:
    try:
        pattern = compile_pattern(text)
    except PatternError as error:
        raise PydanticCustomError("regex", "not a regular expression: {reason}", {"reason": str(error)}) from error
    if not pattern.groupindex:
        raise PydanticCustomError("regex", "a regular expression needs a named group such as (?P<value>…)", {})
    return text


def _valid_template(text: str) -> str:
    try:
        pieces_of(text)
    except TemplateError as error:
        raise PydanticCustomError("template", "not a template: {reason}", {"reason": str(error)}) from error
    return text


def _valid_transform(step: "TransformStep") -> "TransformStep":
    try:
        compile_transform(step.name, step.options)
    except TransformError as error:
        context = {"reason": str(error), "unknown": error.unknown, "allowed": error.allowed}
        raise PydanticCustomError("transform", "{reason}", context) from error
    return step


def _named_step(value: Any) -> Any:
    """`duration` and `{duration: {unit: minutes}}` are both ways of writing a step."""
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, dict) and len(value) == 1 and "name" not in value:
        [(name, options)] = value.items()
        return {"name": name, "options": {} if options is None else options}
    return value


Path = Annotated[str, Field(min_length=1)]
"""A path in the language of its section: JMESPath for JSON, XPath for XML; checked once the section is known."""


class TransformStep(Record):
    """A transform with its options."""

    name: str
    options: dict[str, JsonValue] = Field(default_factory=dict)


Step = Annotated[TransformStep, BeforeValidator(_named_step), AfterValidator(_valid_transform)]


def _steps(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


class Where(Record):
    """Picks from a list of entries those whose `key` equals a text, and takes their `value`.

    `where: {list: tag_list, key: tag_dimension_id, equals: zxxxk, value: tag_name}`
    """

    entries: Path = Field(alias="list")
    key: Path
    equals: str
    value: Path


SOURCES = ("path", "constant", "template", "where", "each")


class FieldRule(Record):
    """Where a value is found (one of path, each, where, template, constant) and what is done with it, in this order:

    alternatives, split, match, transform, vocabulary. `fields` makes an object of the value, or of the record itself
    where no source is named. A rule that is only a path may be written as text.
    """

    path: Path | None = None
    alternatives: tuple[Path, ...] = ()
    each: Path | None = None
    where: Where | None = None
    template: Annotated[str, AfterValidator(_valid_template)] | None = None
    constant: JsonValue = None
    split: Annotated[str, Field(min_length=1)] | None = None
    match: Annotated[str, AfterValidator(_valid_regex)] | None = None
    transform: Annotated[tuple[Step, ...], BeforeValidator(_steps), Field(max_length=MOST_STEPS)] = ()
    vocabulary: str | None = None
    on_invalid: Literal["reject", "drop"] = "reject"
    fields: "dict[str, Rule] | None" = None

    @field_validator("split", mode="wrap")
    @classmethod
    def _blanks_count(cls, value: Any, handler: Any, info: ValidationInfo) -> Any:
        """A separator may be a blank, which stripping would remove."""
        del info
        return value if isinstance(value, str) and value else handler(value)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        named = [name for name in SOURCES if getattr(self, name) is not None]
        if len(named) > 1:
            raise PydanticCustomError("sources", "{names} exclude each other", {"names": " and ".join(named)})
        if not named and self.fields is None:
            allowed = ", ".join(SOURCES)
            raise PydanticCustomError("sources", "a rule says where its value is: {allowed}", {"allowed": allowed})
        if self.alternatives and self.path is None:
            raise PydanticCustomError("sources", "alternatives follow a path", {})
        if self.fields is not None and self.vocabulary:
            raise PydanticCustomError("sources", "fields are mapped one by one; vocabulary goes there", {})
        return self


def as_rule(value: Any) -> Any:
    """A rule written as text is a path."""
    return {"path": value} if isinstance(value, str) else value


Rule = Annotated[FieldRule, BeforeValidator(as_rule)]
"""A field rule, or text that stands for a path."""

FieldRule.model_rebuild()
