"""Texts without personal data, and a few of them quoted."""
