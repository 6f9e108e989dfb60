"""What a text says: its words, its language, its vector, its themes and how it feels."""
