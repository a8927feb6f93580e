"""The form in which a person asks to be called back."""
