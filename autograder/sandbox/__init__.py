"""Confining a process that runs student code, and what this does and does not cover.

Covered, each line by tests in ``tests/sandbox/`` (``docs/threat-model.md`` names them):

==========================================  ====================================================
a worker cannot                             because of
==========================================  ====================================================
read checks, reference, results, other      Landlock's allow list; as root also a uid of its own
submissions, the repository                 and file modes that `autograder.host.sandbox` verifies
read the grader's memory, environment       another uid or Landlock (no ``/proc``); seccomp denies
or open files                               ptrace, process_vm_*, pidfd_getfd
find anything in its own memory             the zygote is exec'd fresh and never loads a check
write outside of its private folder         Landlock; uid; the folder is removed afterwards
change modes, owners, times of files        uid; seccomp, since Landlock leaves these to the owner
signal, stop or reprioritise anyone         seccomp denies the kill family and its by-ways
reach the network or other processes'       seccomp denies ``socket``, ``connect``, ``sendmsg`` and
sockets, queues or shared memory            datagram pairs; Landlock TCP and abstract sockets; no
                                            SysV or POSIX message queues
run a program, gain privileges              seccomp denies execve; no_new_privs
escape into namespaces, sessions, groups    seccomp denies unshare, setns, clone with namespace
                                            flags or CLONE_PARENT, clone3, setsid, setpgid
outlive its question                        PDEATHSIG, which seccomp keeps; a sweep over the session
outlive its submission                      killpg, and a zygote that reaps the group to the last
use more CPU, memory, files, processes      `autograder.host.watch` and rlimits
==========================================  ====================================================

Not covered:

- a bug in the kernel, or a side channel (timing, caches, load);
- as root without Landlock: world-readable files outside of the secrets, folders that all may write
  (``/tmp``, ``/dev/shm``), the list of processes and their command lines in ``/proc``;
- as an ordinary user the worker has the grader's own uid, and Landlock and seccomp alone stand
  between them: it can still ask whether a file exists, how large it is and when it was changed.
  Without Landlock grading is refused unless ``--unsafe`` is given;
- as root without CAP_SYS_PTRACE, as in most containers, the grader cannot see a worker's open
  files: what it writes to files without a name is bounded only by their number and size;
- memory of the kernel that a worker ties up in full pipes and sockets;
- CPU time of processes that end, unwaited for, between two looks: wall time bounds it;
- what student code does to its own process: it can lie about itself in every way, so only returned
  data that the grader compares can earn points;
- systems other than Linux: there is no boundary, and grading is refused.

Nothing in this package runs student code or looks at it; `confine` runs in the child before the
first line of it.
"""
