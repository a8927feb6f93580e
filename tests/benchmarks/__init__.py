"""The benchmarks: their arithmetic, the load, and how programs are ended."""
