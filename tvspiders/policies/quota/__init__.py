"""The quota of tokens: what the limit is, which slots are reserved, who sends next, and when to pause."""
