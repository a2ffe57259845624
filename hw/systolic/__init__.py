"""Systolic arrays: processing element → column → mesh → engine."""
