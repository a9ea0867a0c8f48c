"""Months of subscriptions with UPI AutoPay, simulated; see docs/simulation.md."""
