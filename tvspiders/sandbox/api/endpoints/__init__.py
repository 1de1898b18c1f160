"""Endpoints of the API, by path. Pure: a request in, a response out."""
