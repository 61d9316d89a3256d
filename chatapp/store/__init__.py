"""The message log with its index, and the data folder that contains them."""
