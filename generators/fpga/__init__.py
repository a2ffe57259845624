"""From Verilog to an FPGA's bitstream, with open tools."""
