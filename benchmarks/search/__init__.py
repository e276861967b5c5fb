"""How fast the catalog is searched and indexed."""
