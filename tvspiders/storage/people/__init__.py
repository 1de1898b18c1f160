"""People's data on its way in and out: forgotten people are left out, pseudonyms stand for names."""
