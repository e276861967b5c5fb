"""A graph whose answers are kept, over generations that a test moves by hand."""

from dataclasses import dataclass, field, replace
from typing import Any

from aiocache.base import BaseCache

from gateway.cache import open_cache
from gateway.graph.context import GraphContext
from gateway.graph.execution import Answer, Executes
from gateway.graph.responses import CachingExecutor, Responses
from gateway.identity import ANONYMOUS, Principal
from tests.gateway.graph.world import EXECUTOR, World


@dataclass
class HeldGenerations:
    """Generations that stay what they were set to."""

    state: str | None = "one"

    def token(self) -> str | None:
        return self.state


@dataclass
class KeptWorld:
    """A world asked through kept answers."""

    world: World = field(default_factory=World)
    cache: BaseCache = field(default_factory=lambda: open_cache(None))
    generations: HeldGenerations = field(default_factory=HeldGenerations)
    inner: Executes = EXECUTOR

    def __post_init__(self) -> None:
        self.responses = Responses(self.cache, self.generations, 60, "salt")
        self.executor = CachingExecutor(self.inner, lambda: self.responses)

    async def ask(
        self,
        text: str,
        variables: dict[str, Any] | None = None,
        *,
        principal: Principal = ANONYMOUS,
        operation: str | None = None,
        fresh: bool = False,
    ) -> Answer:
        """One operation, with what it shows written into the audit log."""
        context: GraphContext = replace(self.world.context(principal), fresh=fresh)
        answer = await self.executor.execute(text, context, variables, operation)
        await context.settle()
        return answer

    async def outcome(self, text: str, variables: dict[str, Any] | None = None, **options: Any) -> str:
        """Whether the answer was kept."""
        return (await self.ask(text, variables, **options)).headers["X-Cache"]
