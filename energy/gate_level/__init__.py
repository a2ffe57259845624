"""The gate-level rung: mapped netlist, Liberty and activity to power, with OpenSTA's arithmetic."""
