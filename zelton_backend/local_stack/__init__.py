"""The whole product on one machine that has only Python: `make run` and `make demo`."""
