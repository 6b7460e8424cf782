"""A network namespace in which the brokers' addresses are ours: an instance in it can be cut off and let back.

In a new network namespace loopback is empty, so sockets can listen there on the very ports that the brokers have
outside.  They are opened inside, and used by a thread outside, which passes bytes on to the real brokers: what brokers
advertise stays true, and nothing has to be rewritten.

    cut()    nothing passes any more, in neither direction; connections stay, new ones are taken and get no answer
    heal()   what was held back is delivered, late, as a network does that comes back
    heal(reset=True)   all connections are closed first: what was held back is gone

Redis is on a unix socket, which namespaces of the network do not divide.
"""

import ctypes
import os
import selectors
import socket
import subprocess
import threading

from .registry import Skipped

CLONE_NEWNET = 0x40000000
MOST = 1 << 20  # bytes held for one direction of a connection


def call(function, *arguments):
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Pipe:
    """One direction of a connection."""

    def __init__(self, source, sink):
        self.source, self.sink, self.held = source, sink, b""


class Island:
    def __init__(self, bootstrap):
        addresses = [address.rsplit(":", 1) for address in bootstrap.split(",")]
        if any(host != "127.0.0.1" for host, _ in addresses):
            raise Skipped("the brokers are not on loopback, so their addresses cannot be had in another namespace")
        self.ports = [int(port) for _, port in addresses]
        self.listeners, self.failure = [], None
        inside = threading.Thread(target=self.open_inside)
        inside.start()
        inside.join()
        if self.failure is not None:
            raise Skipped(f"no network namespace can be made here: {self.failure}")
        self.selector = selectors.DefaultSelector()
        self.is_cut = False
        self.pipes = {}  # socket → the pipe that it is the source of
        self.held_back = 0
        self.orders = []
        self.wake_in, self.wake_out = socket.socketpair()
        self.selector.register(self.wake_in, selectors.EVENT_READ)
        for listener, _ in self.listeners:
            self.selector.register(listener, selectors.EVENT_READ)
        self.ending = False
        self.thread = threading.Thread(target=self.run, name="island", daemon=True)
        self.thread.start()

    def open_inside(self):
        """A namespace belongs to a thread; this one ends in the new one, and takes nothing else with it."""
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            call(libc.unshare, CLONE_NEWNET)
            self.namespace = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            for port in self.ports:
                listener = socket.socket()
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(("127.0.0.1", port))
                listener.listen(64)
                listener.setblocking(False)
                self.listeners.append((listener, port))
        except (OSError, subprocess.SubprocessError) as error:
            self.failure = error

    @property
    def wrapper(self):
        """To stand before a command that shall run inside."""
        return ["nsenter", f"--net=/proc/{os.getpid()}/fd/{self.namespace}"]

    # ---- from outside

    def order(self, what):
        done = threading.Event()
        self.orders.append((what, done))
        self.wake_out.send(b"!")
        assert done.wait(10), "the island does not answer"

    def cut(self):
        self.order("cut")

    def heal(self, reset=False):
        self.order("reset" if reset else "heal")

    def close(self):
        self.order("end")
        self.thread.join(10)
        for each in [listener for listener, _ in self.listeners] + [self.wake_in, self.wake_out]:
            each.close()
        os.close(self.namespace)

    # ---- the thread

    def run(self):
        while not self.ending:
            for key, mask in self.selector.select():
                if key.fileobj is self.wake_in:
                    self.obey()
                    break  # who is ready may have changed
                if not self.is_cut:
                    self.serve(key.fileobj, mask)

    def obey(self):
        self.wake_in.recv(100)
        while self.orders:
            what, done = self.orders.pop(0)
            if what in ("reset", "end"):
                for source in list(self.pipes):
                    self.drop(source)
            self.is_cut = what == "cut"
            self.ending = self.ending or what == "end"
            # Level-triggered: whoever is not listened to would wake this thread for ever.
            for listener, _ in self.listeners:
                self.listen(listener, 0 if self.is_cut else selectors.EVENT_READ)
            for source in list(self.pipes):
                self.listen_to(source)
            done.set()

    def listen(self, each, events):
        known = each in self.selector.get_map()
        if events == 0:
            if known:
                self.selector.unregister(each)
        elif known:
            self.selector.modify(each, events)
        else:
            self.selector.register(each, events)

    def listen_to(self, each):
        """Read while there is room for what is read; write while something is held for it."""
        if each not in self.pipes:
            return
        pipe, back = self.pipes[each], self.pipes[self.pipes[each].sink]
        events = (selectors.EVENT_READ if len(pipe.held) < MOST else 0) | (selectors.EVENT_WRITE if back.held else 0)
        self.listen(each, 0 if self.is_cut else events)

    def serve(self, each, mask):
        for listener, port in self.listeners:
            if each is listener:
                self.accept(listener, port)
                return
        if each not in self.pipes:
            return
        try:
            if mask & selectors.EVENT_WRITE:
                back = self.pipes[self.pipes[each].sink]
                back.held = back.held[each.send(back.held) :]
            if mask & selectors.EVENT_READ:
                chunk = each.recv(1 << 16)
                if not chunk:
                    self.drop(each)
                    return
                self.pipes[each].held += chunk
        except BlockingIOError:
            pass
        except OSError:
            self.drop(each)
            return
        other = self.pipes[each].sink
        self.listen_to(each)
        self.listen_to(other)

    def accept(self, listener, port):
        try:
            inner, _ = listener.accept()
        except OSError:
            return
        try:
            outer = socket.create_connection(("127.0.0.1", port), 1)
        except OSError:
            inner.close()
            return
        for source, sink in ((inner, outer), (outer, inner)):
            source.setblocking(False)
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.pipes[source] = Pipe(source, sink)
        self.listen_to(inner)
        self.listen_to(outer)

    def drop(self, each):
        pipe = self.pipes.get(each)
        if pipe is None:
            return
        for end in (pipe.source, pipe.sink):
            self.listen(end, 0)
            del self.pipes[end]
            end.close()
