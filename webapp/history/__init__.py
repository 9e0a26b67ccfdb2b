"""The conversations and their messages, kept in a database: `from webapp.history.store import History`."""
