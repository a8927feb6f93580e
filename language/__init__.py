"""Normalised text, the spaCy pipeline and the sentence encoder: shared by safety and brain."""
