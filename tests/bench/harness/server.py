"""A server that is measured: started on the server's core, ended, its log kept."""
import os
import shutil
import socket
import subprocess
import time

from . import processes


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find(name, daemon):
    """The program of that server, or None."""
    if name == "twistdpp":
        return daemon
    # Debian keeps servers where only root's PATH looks.
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


class Server:
    """Started and ended as often as one likes; its ports stay the same."""

    name = ""
    # What the program is called where that is not the name.
    program_name = ""

    def __init__(self, program, folder):
        self.program = program
        self.folder = os.path.join(folder, self.name)
        os.makedirs(self.folder, exist_ok=True)
        self.port = free_port()
        self.process = None

    def version(self):
        raise NotImplementedError

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def spawn(self, command):
        with open(os.path.join(self.folder, "log"), "ab") as log, processes.on_core(processes.SERVER_CORE):
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, close_fds=False)
        self.account = processes.Account(self.process.pid)

    def cpu(self):
        """What it has used since it was started."""
        return self.account.cpu() if self.account else processes.cpu(self.process.pid)

    def still_starting(self, end):
        """Raises when it has ended, or when `end` (of time.monotonic()) is over."""
        if self.process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{self.name} does not start:\n{self.log()}")

    def greeted(self, port, patience=20):
        """Waits until somebody says something at a port."""
        end = time.monotonic() + patience
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                    if connection.recv(10):
                        return
            except OSError:
                pass
            self.still_starting(end)
            time.sleep(0.05)

    def stop(self):
        if self.process:
            processes.end(self.process)
            self.process = None
            self.account.close()

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]
