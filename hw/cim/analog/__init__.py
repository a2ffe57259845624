"""Analog compute-in-memory: real hardware around behavioural stand-ins for analog circuits."""
