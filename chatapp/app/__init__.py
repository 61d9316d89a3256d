"""The composition root: creates every part and connects them."""
