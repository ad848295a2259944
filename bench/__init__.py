"""What is measured, against whom: `make bench` prints one JSON line a workload.

Each module offers `workloads()`, an iterator of dicts with name, n, ours, peer, limit, ratio and unit. Peers live in an
environment of their own, made from bench/requirements.txt. Compare ratios of one run only: machines are noisy.
"""
