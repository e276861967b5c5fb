"""Joint programs, alliances and communities with their members."""
