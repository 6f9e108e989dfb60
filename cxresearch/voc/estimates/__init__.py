"""What the texts add up to: shares, changes, what is new, and what goes with them."""
