"""The page that shows a person what the simulator is and what has happened in it."""
