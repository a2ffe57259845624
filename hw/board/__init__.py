"""What a core needs on a board: a serial line, and a bridge from it to the core's buses."""
