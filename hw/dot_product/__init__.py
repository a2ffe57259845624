"""Dot-product engines: every output channel adds the products of all inputs in a tree."""
