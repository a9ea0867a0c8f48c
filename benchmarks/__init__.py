"""How fast the product is, each figure against its own limit on the same machine in the same run: `make bench`."""
