"""Live search over five platforms, beside what others need for the same question."""
