"""Public pages of things, rendered by Splash and kept."""
