"""Platforms and how they are doing."""
