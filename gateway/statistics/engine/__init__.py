"""How a report is computed: DuckDB over the Parquet lake, statement by statement.

pieces (what each origin says, by period) → claims (one for each source) → cells (one for each row and measure) → table
"""
