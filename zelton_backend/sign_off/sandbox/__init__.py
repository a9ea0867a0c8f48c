"""The sign-off against PhonePe's sandbox: a person pays, and what happened is the proof."""
