"""Layers and networks to loop nests, memory images and the program of one generated core."""
