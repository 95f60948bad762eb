"""From the master to everything that is made of it: what students get, and the solutions.

::

    assignment/<module>.py --jupytext--> notebook --otter assign--> stubs, public tests, solved
        |                                                              |
        v                                                              v
    solutions/<module>.py                 student_template/, solutions/<module>.ipynb

The same bytes on every run. Only executed outputs are no function of the master: they are kept from
the committed notebook until `autograder build --execute` makes them anew.
"""
