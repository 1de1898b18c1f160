"""Lists of the API: their rows, their pages, where they end, and which rows are unaccounted for."""
