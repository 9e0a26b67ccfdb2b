"""The answer logs: where running answers live."""
