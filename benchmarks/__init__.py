"""What the portal costs, each figure beside a floor measured in the same run. `make benchmarks` prints the table."""
