"""The upstreams Parley can ask, one class each. Needs no Flask: `from webapp.providers import GPROChat`."""

from webapp.providers.base import Facts, Notes
from webapp.providers.gprochat import GPROChat
from webapp.providers.guide import Guide
from webapp.providers.openai_compatible import OpenAICompatible

__all__ = ["Facts", "GPROChat", "Guide", "Notes", "OpenAICompatible"]
