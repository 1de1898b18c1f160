"""The API of Thingiverse: its addresses, and parsers of its responses. Pure: bytes in, items out."""
