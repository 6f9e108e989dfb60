"""How customers feel about what they write of."""
