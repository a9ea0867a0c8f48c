"""What PhonePe pays out to the merchant, and the report on it."""
