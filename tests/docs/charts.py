"""Cycle charts as they stand on the pages of the engines."""

__all__ = ["chart", "labelled"]

LOAD = 1        # its cycle in the bench, which is cycle 0 on the pages


def chart(**rows):
    """Cycles and labels, a line for each stream."""
    width = max(cycle for row in rows.values() for cycle in row) + 1
    lines = ["cycle  " + "".join(f"{cycle:3}" for cycle in range(1, width))]
    for name, row in rows.items():
        cells = [f"{row.get(cycle, ''):>3}" for cycle in range(1, width)]
        lines.append(f"{name:7}{''.join(cells)}".rstrip())
    return "".join(f"    {line}\n" for line in lines)


def labelled(cycles, labels):
    """Labels by the cycles in which they were seen in the bench."""
    return {cycle - LOAD: label for cycle, label in zip(cycles, labels.split(), strict=True)}
