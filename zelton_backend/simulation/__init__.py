"""The whole life of money, simulated: one process, one seed, a virtual clock, and everything that can go wrong.

See docs/simulation.md.
"""
