"""``ergon fpga``: from a configuration to a bitstream, and what it takes of the device."""
