"""How dates and times are written for people; Django looks for them by language."""
