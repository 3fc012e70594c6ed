"""What a worker may do: limits of memory, file size and time, no network, no other process.

None of it needs root. System calls are refused by seccomp, paths by Landlock; where the kernel has
neither, the audit hook of Python refuses sockets and processes. Numbers of system calls are those
of Linux (`asm/unistd.h`).
"""

import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_NO_NEW_PRIVILEGES, _SECCOMP = 38, {"x86_64": 317, "aarch64": 277}
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Refused to a worker, by architecture: network, programs, processes, what reaches into others.
_REFUSED = {
    "x86_64": (
        *(41, 42, 43, 49, 50, 53, 288),  # socket connect accept bind listen socketpair accept4
        *(57, 58, 59, 322),  # fork vfork execve execveat
        *(101, 310, 311, 200, 424),  # ptrace process_vm_* tkill pidfd_send_signal
        *(165, 272, 308, 425, 321, 298, 323),  # mount unshare setns io_uring bpf perf userfaultfd
        *(248, 249, 250),  # keys
    ),
    "aarch64": (
        *(198, 203, 202, 200, 201, 199, 242),
        *(221, 281),
        *(117, 270, 271, 130, 424),
        *(40, 97, 268, 425, 280, 241, 282),
        *(217, 218, 219),
    ),
}
_CLONE, _CLONE3 = {"x86_64": 56, "aarch64": 220}, 435
_SIGNALS = {"x86_64": (62, 234), "aarch64": (129, 131)}  # kill tgkill: to itself only
_THREAD = 0x00010000  # CLONE_THREAD
_EPERM, _ENOSYS = 1, 38
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_TSYNC = 1  # the filter holds for the threads that are there already

_RULESET, _RULE, _RESTRICT = 444, 445, 446  # Landlock, on every architecture
_READ = 1 << 2 | 1 << 3  # files, folders
_WRITE = 1 << 1 | 1 << 5 | 1 << 8 | 1 << 14  # write, remove, make and truncate files
_AUDITED = ("socket.__new__", "subprocess.Popen", "os.exec", "os.fork", "os.posix_spawn")


def limit_memory(most_bytes: int) -> None:
    """Let this process take so much more memory (address space) than it has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + most_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def limit_files(most_bytes: int) -> None:
    """Let no file that this process writes be larger, and no core be dumped."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def be_the_first_to_go() -> None:
    """Let the kernel end this process before the service when the machine's memory is used up."""
    try:
        Path("/proc/self/oom_score_adj").write_text("1000")
    except OSError:
        return


def refuse_system_calls() -> bool:
    """Refuse sockets, programs, processes and signals to others; return whether that was possible.

    It holds for all threads of this process, forever.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURE or _libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    program = b"".join(struct.pack("=HBBI", *line) for line in _filter(machine, os.getpid()))
    lines = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(lines))
    # The first 1 is SECCOMP_SET_MODE_FILTER. TSYNC gives the number of a thread that refused.
    return _libc.syscall(_SECCOMP[machine], 1, _TSYNC, ctypes.c_char_p(header)) == 0


def _filter(machine: str, process: int) -> Iterable[tuple[int, int, int, int]]:
    """Yield the lines of a classic BPF program over `struct seccomp_data`."""
    load, equal, at_least, has, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    number, architecture, first = 0, 4, 16  # offsets; of the first argument the lower half
    yield load, 0, 0, architecture
    yield equal, 1, 0, _ARCHITECTURE[machine]
    yield answer, 0, 0, _ERRNO | _EPERM
    yield load, 0, 0, number
    if machine == "x86_64":  # the numbers of x32
        yield at_least, 0, 1, 0x40000000
        yield answer, 0, 0, _ERRNO | _ENOSYS
    for call in _REFUSED[machine]:
        yield equal, 0, 1, call
        yield answer, 0, 0, _ERRNO | _EPERM
    yield equal, 0, 1, _CLONE3  # its flags are in memory; glibc then takes clone
    yield answer, 0, 0, _ERRNO | _ENOSYS
    yield equal, 0, 4, _CLONE[machine]
    yield load, 0, 0, first
    yield has, 1, 0, _THREAD
    yield answer, 0, 0, _ERRNO | _EPERM
    yield answer, 0, 0, _ALLOW
    for call in _SIGNALS[machine]:
        yield equal, 0, 4, call
        yield load, 0, 0, first
        yield equal, 1, 0, process
        yield answer, 0, 0, _ERRNO | _EPERM
        yield answer, 0, 0, _ALLOW
    yield answer, 0, 0, _ALLOW


def refuse_paths(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Let this thread, and those that it starts, open only what is below these paths.

    Files that are open stay open. Returns whether the kernel has Landlock.
    """
    version = _libc.syscall(_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1 or _libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    files = (1 << (16 if version >= 5 else 15 if version >= 3 else 14 if version >= 2 else 13)) - 1
    network = 3 if version >= 4 else 0  # bind and connect of TCP
    scoped = 3 if version >= 6 else 0  # abstract sockets, signals
    values = (files, network, scoped)[: 3 if version >= 6 else 2 if version >= 4 else 1]
    attributes = struct.pack(f"={len(values)}Q", *values)
    ruleset = _libc.syscall(_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    for paths, rights in ((readable, _READ), (writable, _READ | _WRITE)):
        for path in paths:
            _allow(ruleset, path, rights & files)
    refused = _libc.syscall(_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return refused


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        at = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # not every machine has every folder
    if not path.is_dir():
        rights &= ~(1 << 3 | 1 << 5 | 1 << 8)  # those of folders
    _libc.syscall(_RULE, ruleset, 1, struct.pack("=Qi", rights, at), 0)
    os.close(at)


def refuse_in_python() -> None:
    """Refuse sockets and processes by Python's audit hook: where the kernel has no seccomp."""

    def refuse(event: str, _: object) -> None:
        if event in _AUDITED:
            raise PermissionError(f"{event} in a worker")

    sys.addaudithook(refuse)
