"""PhonePe's sign-off checklist as a program: each requirement is proved against the product's real code, or fails.

See docs/sign_off.md.
"""
