"""The conversations and their messages, kept in a database."""
