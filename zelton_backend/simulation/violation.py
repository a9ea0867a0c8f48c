"""What the simulation is looking for."""


class Violation(BaseException):
    """An invariant of the design does not hold. Its text says which, and of what.

    No Exception, so that no code of the product that survives its own defects takes it for one of them.
    """
