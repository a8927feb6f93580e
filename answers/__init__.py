"""Everything the assistant can say: the texts, and the catalogue that reads and renders them."""
