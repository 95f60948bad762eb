"""The same work items on many machines, by dask.distributed; the results go to one client."""
