"""Rules of conduct towards the API, as plain classes with the clock injected."""
