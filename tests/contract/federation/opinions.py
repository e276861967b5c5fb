"""Another province's subgraph: teachers' opinions of resources, and the hotlines of platforms."""

from typing import Self

import strawberry
from strawberry import federation


@federation.type(keys=["id"], extend=True)
class Resource:
    """A resource of the gateway, of which this subgraph knows the id."""

    id: strawberry.ID

    @strawberry.field
    def opinions(self) -> list["Opinion"]:
        return [Opinion(text=f"{self.id}: 讲得很清楚", about=self)]

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Self:  # noqa: A002
        return cls(id=id)


@federation.type(keys=["code"], extend=True)
class Platform:
    """A platform of the gateway, by its code."""

    code: str

    @strawberry.field
    def hotline(self) -> str:
        return f"12345-{self.code}"

    @classmethod
    def resolve_reference(cls, code: str) -> Self:
        return cls(code=code)


@federation.type(keys=["code"], extend=True)
class Region:
    """A region of the gateway, by its code."""

    code: str


@federation.type(shareable=True)
class PageInfo:
    """The usual one of Relay."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Opinion:
    """What somebody says about a resource."""

    text: str
    about: Resource

    @strawberry.field
    def region(self) -> Region:
        return Region(code="500103")


@strawberry.type
class OpinionPage:
    """A page of opinions."""

    nodes: list[Opinion]
    page_info: PageInfo


_ONLY = PageInfo(has_next_page=False, has_previous_page=False, start_cursor=None, end_cursor=None)


def opinions_schema(ids: list[str]) -> federation.Schema:
    """The subgraph with opinions of these resources."""

    @strawberry.type
    class Query:
        """Opinions, newest first."""

        @strawberry.field
        def opinions(self) -> OpinionPage:
            nodes = [Opinion(text="很好", about=Resource(id=strawberry.ID(each))) for each in ids]
            return OpinionPage(nodes=nodes, page_info=_ONLY)

    return federation.Schema(query=Query, types=[Platform], federation_version="2.9")
