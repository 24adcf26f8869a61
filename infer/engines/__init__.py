"""How work is spread: a capture maps to a catalog, catalogs fold by merge."""
