"""How fast the kit is beside others: `make bench` measures, and writes docs/benchmarks.md.

Each bench is a package here with `run(size, folder)` and `section(found)`, listed in `__main__`.
"""
