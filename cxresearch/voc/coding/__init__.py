"""Texts coded by people: what to code, the sheets, the codes, and what is learnt from them."""
