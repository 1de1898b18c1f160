"""What each path of the API answers. Pure: a question in, an answer out."""
