"""Where in a manifest a validation error lies, and which records could hold what stands there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from connectors.components import models_of
from connectors.manifest.model import ManifestDocument

TAGS = ("protocol", "kind")
Models = Sequence[type[BaseModel]]


@dataclass(frozen=True, slots=True)
class Place:
    """`path` as the manifest has it; `holders` are the records its last key belongs to, one of the kinds of `family`.

    `tag` is the protocol or kind that chose among the family, `models` what may stand at the path itself.
    """

    path: tuple[int | str, ...]
    holders: Models
    family: Models
    tag: str | None
    models: Models

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that could stand where the last one does."""
        return tuple(sorted({key for holder in self.holders for key in keys_of(holder)}))

    def owners(self, key: str) -> tuple[str, ...]:
        """The protocols or kinds of the family that have a key which the chosen one has not."""
        return tuple(sorted({tag for model in self.family if key in keys_of(model) for tag in tags_of(model)}))


def locate(loc: Sequence[int | str], value: Any, *, absent: bool) -> Place:
    """The place of a pydantic location; with `absent` its last part stands in no document or in no record."""
    path: list[int | str] = []
    models: Models = (ManifestDocument,)
    family: Models = ()
    tag: str | None = None
    holders, holding_family, holding_tag = models, family, tag
    for number, part in enumerate(loc):
        last = number == len(loc) - 1
        chosen = [model for model in models if part in (*tags_of(model), model.__name__)] if len(models) > 1 else []
        if chosen and not (last and absent):
            family, models, tag = models, chosen, str(part)
            continue
        children = _children(value)
        if part not in children and not (last and absent):
            continue  # pydantic names alternatives and functions, which stand in no document
        holders, holding_family, holding_tag = models, family, tag
        value = children.get(part)
        path.append(part)
        below = [model for holder in models for model in _below(holder, part)]
        if below or _is_field(models, part):
            models, family, tag = below, (), None
    return Place(tuple(path), holders, holding_family, holding_tag, models)


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of a record as manifests write them."""
    return [info.alias or name for name, info in model.model_fields.items()]


def tags_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The words by which a kind is chosen; none where a record is of no kind."""
    field = next((model.model_fields[name] for name in TAGS if name in model.model_fields), None)
    return tuple(word for word in get_args(field.annotation) if isinstance(word, str)) if field else ()


def _below(model: type[BaseModel], key: int | str) -> list[type[BaseModel]]:
    return [
        inner for name, info in model.model_fields.items() if (info.alias or name) == key for inner in models_of(info)
    ]


def _is_field(models: Models, key: int | str) -> bool:
    return any(key in keys_of(model) for model in models)


def _children(value: Any) -> dict[Any, Any]:
    if isinstance(value, list):
        return dict(enumerate(value))
    return value if isinstance(value, dict) else {}
