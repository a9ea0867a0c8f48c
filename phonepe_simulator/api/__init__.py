"""PhonePe's own HTTP API."""
