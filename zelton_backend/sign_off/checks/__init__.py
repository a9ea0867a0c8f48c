"""The requirements, a module for each section of the checklist."""
