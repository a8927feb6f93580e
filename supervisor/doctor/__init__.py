"""`make doctor`: finds what is wrong with an installation, and names the remedy for each.

Looks only: nothing is changed, nobody is disturbed, and the assistant need not run.
"""
