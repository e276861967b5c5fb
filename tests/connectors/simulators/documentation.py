"""What docs/platforms.md says, by its headings."""

from pathlib import Path

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "platforms.md").read_text("utf-8")


def section(heading: str) -> str:
    """The text below a heading such as `## 重庆云课堂`, up to the next one of its level or above."""
    level = heading.partition(" ")[0]
    below = TEXT.partition(f"\n{heading}\n")[2]
    assert below, f"docs/platforms.md has no {heading}"
    for marks in ("#" * depth for depth in range(2, len(level) + 1)):
        below = below.partition(f"\n{marks} ")[0]
    return below


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language in their order."""
    return [block.partition("```")[0] for block in text.split(f"```{language}\n")[1:]]
