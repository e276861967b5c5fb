"""Shared teacher-training records: who did what, what it earned, and what other regions say of it."""
