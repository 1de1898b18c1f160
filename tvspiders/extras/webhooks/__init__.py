"""Receive Thingiverse's order events over HTTP and store them."""
