"""The API as pure functions: from a request to its response."""
