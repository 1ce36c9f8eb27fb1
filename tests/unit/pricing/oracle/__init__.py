"""Prices worked out a second time, by the text of the rules and in exact fractions, to compare the results.

Nothing here imports the pricing package but ``comparison``, which asks both.
"""
