"""The page on which a person pays an order of the simulator."""
