"""The host's side of a core: frames on a serial line, and the driver of registers and memories."""
