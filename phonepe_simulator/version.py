"""The version of the simulator, which changes when its HTTP interface or its Python interface does."""

__version__ = "1.1.0"
