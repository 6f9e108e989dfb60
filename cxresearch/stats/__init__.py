"""Statistics: numbers and arrays in, results out; no file, column name or plot is known here.

====================  ==========================================================
proportions           shares of units, counted one by one or in clusters
ratios                one total over another, summed over independent clusters
totals                how much of something a period brought
control               is a series of measurements stable
====================  ==========================================================
"""
