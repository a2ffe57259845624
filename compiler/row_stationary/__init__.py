"""Mappings on row-stationary arrays: what may be chosen, what follows, and what is best."""
