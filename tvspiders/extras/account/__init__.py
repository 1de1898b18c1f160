"""Acting for an account: signing in, the token file, likes."""
