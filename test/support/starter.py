"""Starts programs for a process that is too large to fork often: programs.ts says how it is asked, and why it is there.

Only modules that cost nothing to load: each test file has a process of this.
"""
import os
import select
import signal
import sys
import time

CLONE_NEWNET = 0x40000000
ENDED, NOT_STARTED, TOO_LATE = 0, 1, 2


def setns():
    if hasattr(os, 'setns'):
        return os.setns
    # before Python 3.12
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)

    def call(descriptor, kind):
        if libc.setns(descriptor, kind) != 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))

    return call


def enter(path):
    global into, home
    if into is None:
        into, home = setns(), os.open('/proc/self/ns/net', os.O_RDONLY | os.O_CLOEXEC)
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        into(descriptor, CLONE_NEWNET)
    finally:
        os.close(descriptor)


into = home = None


def started(words, namespace, descriptors):
    """Its process id."""
    actions = [(os.POSIX_SPAWN_DUP2, descriptor, i) for i, descriptor in enumerate(descriptors)]
    if namespace:
        enter(namespace)
    try:
        # Python ignores them for itself
        return os.posix_spawnp(words[0], words, os.environ, file_actions=actions, setsigdef=[signal.SIGPIPE, signal.SIGXFSZ])
    finally:
        if namespace:
            into(home, CLONE_NEWNET)


def run(words, namespace, seconds, text):
    """How it ended, its status (of a signal: less than 0) or what stands against it (errno), and what it wrote."""
    inner, outer = [], []
    for way in (os.pipe(), os.pipe(), os.pipe()):
        inner.append(way[1] if inner else way[0])
        outer.append(way[0] if outer else way[1])
    try:
        try:
            child = started(words, namespace, inner)
        except OSError as error:
            return NOT_STARTED, error.errno, b'', str(error).encode()
        finally:
            for descriptor in inner:
                os.close(descriptor)
        return watched(child, outer, seconds, text)
    finally:
        for descriptor in outer:
            if descriptor is not None:
                os.close(descriptor)


def watched(child, outer, seconds, text):
    """Feeds it and listens until it has ended and nobody holds its outputs any more."""
    ended = os.pidfd_open(child)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    said = {outer[1]: [], outer[2]: []}
    names = outer[1:]
    for descriptor in said:
        poll.register(descriptor, select.POLLIN)
    if text:
        os.set_blocking(outer[0], False)
        poll.register(outer[0], select.POLLOUT)
    else:
        os.close(outer[0])
        outer[0] = None
    deadline = time.monotonic() + seconds
    waiting = {ended, *said}
    status = None
    try:
        while waiting:
            ready = poll.poll(max(0, deadline - time.monotonic()) * 1000)
            if not ready:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return TOO_LATE, 0, *(b''.join(said[name]) for name in names)
            for descriptor, _ in ready:
                done = True
                if descriptor == ended:
                    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
                elif descriptor == outer[0]:
                    try:
                        text = text[os.write(descriptor, text[:65536]) :]
                        done = not text
                    except BrokenPipeError:
                        pass
                    if done:
                        os.close(descriptor)
                        outer[0] = None
                else:
                    piece = os.read(descriptor, 1 << 20)
                    said[descriptor].append(piece)
                    done = not piece
                if done:
                    poll.unregister(descriptor)
                    waiting.discard(descriptor)
        return ENDED, status, *(b''.join(said[name]) for name in names)
    finally:
        os.close(ended)


def whole(stream, length):
    piece = stream.read(length)
    if len(piece) < length:
        # whoever asked is gone
        os._exit(0)
    return piece


def serve(folder):
    questions = open(folder + '/questions', 'rb')
    answers = open(folder + '/answers', 'wb')
    while True:
        asked = whole(questions, int.from_bytes(whole(questions, 4), 'little'))
        seconds, namespace, count, rest = asked.split(b'\0', 3)
        *words, text = rest.split(b'\0', int(count))
        kind, status, out, err = run(words, namespace, float(seconds), text)
        answers.write(bytes([kind]) + status.to_bytes(4, 'little', signed=True))
        for said in (out, err):
            answers.write(len(said).to_bytes(4, 'little') + said)
        answers.flush()


if __name__ == '__main__':
    for name in ('questions', 'answers'):
        os.mkfifo(os.path.join(sys.argv[1], name), 0o600)
    # whoever waits for this one may go on, and find the other at the pipes
    if os.fork() == 0:
        serve(sys.argv[1])
