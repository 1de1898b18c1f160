"""Extensions: the verdict of a run, a clean stop, feeds, progress."""
