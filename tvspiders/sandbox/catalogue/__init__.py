"""The generated things, people, words and texts that the API serves."""
