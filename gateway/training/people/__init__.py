"""Teachers: their accounts on platforms, the links between them, and their erasure."""
