"""Compute-in-memory engines: weights stay in bit cells, inputs come bit by bit."""
