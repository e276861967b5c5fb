"""Named transforms: one module each, found by name; a closed set, no code in manifests."""

from connectors.manifest.transforms.registry import (
    Transform,
    TransformError,
    compile_transform,
    takes_lists,
    transform_names,
)

__all__ = ["Transform", "TransformError", "compile_transform", "takes_lists", "transform_names"]
