"""A core in standard cells: area, longest path, operations per area."""
