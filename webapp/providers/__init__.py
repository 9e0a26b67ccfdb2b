"""The upstreams Parley can ask, one class each. Needs no Flask: `from webapp.providers import GPROChat`."""

from webapp.providers.gprochat import GPROChat
from webapp.providers.guide import Guide

__all__ = ["GPROChat", "Guide"]
