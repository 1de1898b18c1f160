"""What is said at the end of a run: verdict, health, metrics, summaries, costs of requests."""
