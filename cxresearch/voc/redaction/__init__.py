"""Texts without what tells who wrote them."""
