"""Configuration to hardware: validated YAML, derived parameters, Verilog and its manifest."""
