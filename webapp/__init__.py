"""Parley: a self-hosted web chat. Nothing is imported here, so `webapp.providers` works without Flask."""
