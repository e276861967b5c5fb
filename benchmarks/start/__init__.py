"""From nothing to the first answer."""
