"""Which themes a text is of, by the rules of a codebook."""
