"""Tests of mapping by written code."""
