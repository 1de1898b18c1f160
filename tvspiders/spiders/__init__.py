"""Spiders say in which order the API is asked; nothing else."""
