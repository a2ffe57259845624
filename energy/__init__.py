"""What a run costs: activity of a simulation x energies of a technology, with the error stated.

`reading` reads what a simulator recorded, `technology` the energies per operation,
`annotate` multiplies them and `report` shows the result. This package reads files and never runs a
simulator.
"""
