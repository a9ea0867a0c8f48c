"""Webhooks on their way to the merchant."""
