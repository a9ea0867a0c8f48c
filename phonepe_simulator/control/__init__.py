"""The control API under /_simulator/, for tests and tools in any language."""
