"""Confining a process that runs student code, and what this does and does not cover.

Covered, each line by a test in ``tests/sandbox/``:

==========================================  ====================================================
a worker cannot                             because of
==========================================  ====================================================
read checks, reference, results, other      Landlock's allow list; as root also a uid of its own
submissions, the repository                 and file modes that `secrets` verifies
read the grader's memory, environment       another uid or Landlock (no ``/proc``); not dumpable;
or command line                             no ptrace, process_vm_*, pidfd_getfd
find anything in its own memory             the zygote is exec'd fresh and never loads a check
write outside of its private folder         Landlock; uid; the folder is removed afterwards
signal, stop or reprioritise anyone         seccomp denies the kill family and its by-ways
reach the network or other processes'       seccomp denies ``socket``; Landlock denies TCP and
sockets, queues or shared memory            abstract sockets; no SysV or POSIX message queues
run a program, gain privileges              seccomp denies execve; no_new_privs
escape into namespaces, sessions, groups    seccomp denies unshare, setns, clone with namespace
                                            flags, clone3, setsid, setpgid
outlive its question                        PDEATHSIG, killpg, a sweep over the session
use more CPU, memory, files, processes      `autograder.host.watch` and rlimits
==========================================  ====================================================

Not covered:

- a bug in the kernel, or a side channel (timing, caches, load);
- as root without Landlock: world-readable files outside of the secrets, the list of processes and
  their command lines in ``/proc``;
- as an ordinary user the worker has the grader's own uid, and Landlock and seccomp alone stand
  between them; without Landlock grading is refused unless ``--unsafe`` is given;
- what student code does to its own process: it can lie about itself in every way, so only returned
  data that the grader compares can earn points;
- systems other than Linux: there is no boundary, and grading is refused.

Nothing in this package runs student code or looks at it; `confine` runs in the child before the
first line of it.
"""
