"""Fits what a component's toggles cost to gate-level energy, and measures the error of that."""
