"""PhonePe's products that the simulator does not have, recognised by their paths, so that it can say so."""

import re

# Read https://developer.phonepe.com for each; the names are those of its pages.
PRODUCTS = {
    "Custom Checkout beyond its UPI payments (UPI validation, availability, native OTP)": (
        r"/payments/v2/(ppe-health|native-otp/.+|vpa/.+)|/v2/validate/upi"
    ),
    "Payment Links": r"/paylinks/v1/.+",
    "Disputes (chargebacks)": r"/v1/disputes(/.+)?",
    "Split Settlement": r"/settlements/v1/(linked-accounts|split-settlement/.+)",
    "Health Check": r"/v3/health",
    "Webhook Configuration for partners": r"/configs/v1/.+",
    "API v1 (X-VERIFY and salt key)": r"/(hermes/)?pg/v1/.+",
    "checkout.js": r"/web/bundle/.+",
}


def product_at(path: str) -> str | None:
    return next((product for product, pattern in PRODUCTS.items() if re.fullmatch(pattern, path, re.DOTALL)), None)
