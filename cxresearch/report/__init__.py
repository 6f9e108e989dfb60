"""Reports: what a notebook says, how it is run and rendered, and what is rebuilt when."""
