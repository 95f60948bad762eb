"""`python -m bench`: every benchmark, one after the other."""

from bench import gradescope, overhead

for benchmark in (overhead, gradescope):
    print(f"# {(benchmark.__doc__ or '').splitlines()[0]}")
    benchmark.main()
    print()
