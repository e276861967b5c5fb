"""Compiled execution: operations that are asked for again run as Python code written for them.

The way of an operation (contributors: docs/execution.md):

1. `plans` keeps the plans of a document, for each choice of `@include` and `@skip`, in the room that all documents
   share, and knows what is left to graphql-core: mutations, introspection, other directives, plans that are too large.
2. `planning` merges selections and fragments by graphql-core's own functions into objects with fields (`fields`), each
   with its place (`positions`) and the shape of its value (`shapes`).
3. `writing` writes a function for each object and list. Code recognizes usual values by their exact class (`leaves`,
   the row classes of objects) and leaves every other value to `shapes` and `blocks`, which do what graphql-core does.
4. `execution` is Strawberry's execution context with this code in it; `waiting` awaits what resolvers left to await,
   all of one moment together, so that loaders batch. A resolver is never called twice.
"""

from gateway.graph.compiled.execution import CompiledExecution, can_compile
from gateway.graph.compiled.plans import Plans, Room

__all__ = ["CompiledExecution", "Plans", "Room", "can_compile"]
