"""What Ergon reaches, measured side by side with peers; printed, never asserted by time."""
