"""A text as it can be read: its words, its language, its vector."""
