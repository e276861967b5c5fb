"""What a live search over several platforms costs."""
