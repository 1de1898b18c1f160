"""Items on their way into the database: the pipelines, and what stores behind them."""
