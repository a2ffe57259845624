"""Trains and quantizes the networks of ``configs/workloads``; needed only to make them anew."""
