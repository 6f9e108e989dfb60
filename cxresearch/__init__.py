"""A research kit for e-commerce customer experience."""
