"""Synthesizable components, and nothing else: no YAML, no numpy, no files."""
