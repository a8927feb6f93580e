"""`make check`: what must hold of code, data and texts before anybody runs them."""
