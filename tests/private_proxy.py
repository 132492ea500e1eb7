# SPDX-License-Identifier: Apache-2.0
"""Between httpd and a server of the directory: what passes it message by message."""
import contextlib
import queue
import socket
import socketserver
import threading
import time


def read_message(connection):
    """@return one LDAPMessage (RFC 4511, 5.1), b"" at the end"""
    with contextlib.suppress(OSError):
        head = connection.recv(2, socket.MSG_WAITALL)
        if len(head) == 2:
            more = connection.recv(head[1] & 0x7F, socket.MSG_WAITALL) if head[1] & 0x80 else b""
            size = int.from_bytes(more, "big") if more else head[1]
            return head + more + connection.recv(size, socket.MSG_WAITALL)
    return b""


class Proxy(socketserver.ThreadingTCPServer):
    """Lets everything pass, one direction and one message at a time."""
    allow_reuse_address, daemon_threads = True, True

    def __init__(self, port):
        super().__init__(("127.0.0.1", 0), None)
        self.behind, self.uri = port, f"ldap://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        with socket.create_connection(("127.0.0.1", self.behind)) as server:
            threading.Thread(target=self.answer, args=(server, request), daemon=True).start()
            while message := read_message(request):
                self.ask(server, request, message)

    def ask(self, server, client, message):  # pylint: disable=unused-argument
        server.sendall(message)

    def answer(self, server, client):
        with contextlib.suppress(OSError):
            while message := read_message(server):
                client.sendall(message)

    def stop(self):
        self.shutdown()
        self.server_close()


class DelayingProxy(Proxy):
    """Each message of the server arrives that many seconds later, however many are on their way."""
    delay = 0.0

    def answer(self, server, client):
        on_the_way = queue.SimpleQueue()
        threading.Thread(target=self.deliver, args=(on_the_way, client), daemon=True).start()
        while message := read_message(server):
            on_the_way.put((time.monotonic() + self.delay, message))
        on_the_way.put((0, b""))

    @staticmethod
    def deliver(on_the_way, client):
        with contextlib.suppress(OSError):
            while True:
                due, message = on_the_way.get()
                if not message:
                    return
                time.sleep(max(0.0, due - time.monotonic()))
                client.sendall(message)
