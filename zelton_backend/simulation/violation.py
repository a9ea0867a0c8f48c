"""What the simulation is looking for."""


class Violation(Exception):
    """An invariant of the design does not hold. Its text says which, and of what."""
