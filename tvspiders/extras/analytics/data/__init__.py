"""What the database holds, as columns and as a graph, and the tables that are made of it."""
