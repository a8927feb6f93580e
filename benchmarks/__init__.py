"""Measures this assistant beside the stock one (`make bench`) and its recognition beside others."""
