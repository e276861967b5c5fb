"""How fast reports are answered and exported."""
