"""`python -m bench`: every benchmark, one after the other."""

from bench import otter_memory, overhead

for benchmark in (overhead, otter_memory):
    print(f"# {(benchmark.__doc__ or '').splitlines()[0]}")
    benchmark.main()
    print()
