"""Summaries: counts and hours by group, without personal data and without small groups."""

from gateway.training.summary.asking import check_question
from gateway.training.summary.summarizing import summarize

__all__ = ["check_question", "summarize"]
