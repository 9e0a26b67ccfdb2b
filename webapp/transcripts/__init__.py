"""Conversations to carry away and to bring in: as plain objects, as files, and out of other programs' files."""
