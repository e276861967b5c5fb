"""What written code does with what it was not written for: it steps aside."""


class Unusual(Exception):
    """A value that only the rules themselves can judge; the record is then mapped by them from the start."""
