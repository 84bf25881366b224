"""Drives the built daemon from outside. A test script calls run_tests(), which takes the daemon's path from the
command line; the plugin with the probe services comes from the environment (see CMakeLists.txt)."""
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

DAEMON = sys.argv[1] if len(sys.argv) > 1 else "twistdpp"
PROBE = os.environ.get("TWISTDPP_PROBE", "")
STRANGER = os.environ.get("TWISTDPP_STRANGER", "")
# Sanitizers make a start several times as long.
PATIENCE = int(os.environ.get("TWISTDPP_PATIENCE", "30"))


def _is_plain():
    with open(shutil.which(DAEMON) or DAEMON, "rb") as program:
        text = program.read()
    return b"__asan_init" not in text and b"__tsan_init" not in text


# Sanitizers let nothing be loaded before them, and keep memory back that was freed.
PLAIN = _is_plain()


def wait_for(condition, what, seconds=PATIENCE):
    """Polls until condition() is true; there is nothing better to wait on for another process's state."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited in vain for " + what)
        time.sleep(0.01)


def alive(pid):
    """Whether the process runs; a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


class Foreground:
    """A daemon with -n; its log comes to us through a pipe and is gathered in .log."""

    def __init__(self, arguments, cwd, env=None, pass_fds=(), ready=True, preexec=None, program=DAEMON):
        self.process = subprocess.Popen(
            [program, "-n", "--plugin", PROBE, *arguments], cwd=cwd, env=env, pass_fds=pass_fds, preexec_fn=preexec,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.pid = self.process.pid
        self.log = ""
        if ready:
            self.expect("ready: ")

    def expect(self, text, seconds=PATIENCE):
        """Reads the log until `text` is in it."""
        end = time.monotonic() + seconds
        out = self.process.stdout
        while text not in self.log:
            readable, _, _ = select.select([out], [], [], max(0, end - time.monotonic()))
            block = os.read(out.fileno(), 65536) if readable else b""
            if not block:
                raise AssertionError(f"the log has no '{text}':\n{self.log}{self.errors()}")
            self.log += block.decode("utf-8", "replace")
        return self.log

    def errors(self):
        if self.process.poll() is None:
            return ""
        return self.process.stderr.read().decode()

    def address(self, number=0):
        """The host and port of the nth TCP port of the ready line."""
        found = re.findall(r"tcp (127\.0\.0\.1):(\d+)", self.log.split("ready: ", 1)[1])
        return found[number][0], int(found[number][1])

    def connect(self, number=0):
        return socket.create_connection(self.address(number), timeout=PATIENCE)

    def send(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=PATIENCE):
        """The exit status as Popen gives it (a signal is negative); the rest of both outputs is read."""
        out, err = self.process.communicate(timeout=seconds)
        self.log += out.decode("utf-8", "replace")
        self.stderr = err.decode("utf-8", "replace")
        return self.process.returncode

    def stop(self, number=signal.SIGTERM):
        self.send(number)
        return self.wait()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdout, self.process.stderr):
            if not pipe.closed:
                pipe.close()


class DaemonTest(unittest.TestCase):
    """A folder of its own for each test; what was started is ended with it."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="twistdpp-")
        os.chmod(self.folder, 0o755)
        self.pids = set()
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.addCleanup(self.kill_background)

    def resident(self, daemon):
        """Its memory, in KiB. Skips the test where that says nothing."""
        status = read(f"/proc/{daemon.pid}/status")
        if int(re.search(r"VmSize:\s+(\d+)", status).group(1)) > 1 << 30:
            self.skipTest("a sanitizer keeps freed memory and has terabytes of address space")
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))

    def kill_background(self):
        for pid in self.pids:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
                wait_for(lambda: not alive(pid), f"the end of {pid}")

    def path(self, name):
        return os.path.join(self.folder, name)

    def environment(self, **more):
        return {**os.environ, **more}

    def foreground(self, *arguments, **options):
        daemon = Foreground(arguments, options.pop("cwd", self.folder), **options)
        self.addCleanup(daemon.kill)
        return daemon

    def run_daemon(self, *arguments, plugin=True, program=DAEMON, **options):
        """Runs the command to its end; in the background mode that is when the daemon is ready or has failed."""
        result = subprocess.run(
            [program, *(["--plugin", PROBE] if plugin else []), *arguments], cwd=options.pop("cwd", self.folder),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=options.pop("timeout", PATIENCE * 2),
            **options)
        found = re.search(r"\(pid (\d+)\)", result.stdout)
        result.pid = int(found.group(1)) if found else 0
        if result.pid:
            self.pids.add(result.pid)
        return result

    def background(self, *arguments, **options):
        result = self.run_daemon(*arguments, **options)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result)
        self.assertTrue(alive(result.pid))
        return result.pid

    def stop(self, pid, number=signal.SIGTERM):
        os.kill(pid, number)
        wait_for(lambda: not alive(pid), f"the end of {pid}")

    def assert_fails(self, result, code, *texts):
        """One line on stderr that holds the texts, nothing on stdout but the log, and the exit status."""
        self.assertEqual(result.returncode, code, (result.stdout, result.stderr))
        lines = result.stderr.splitlines()
        self.assertEqual(len(lines), 1, result.stderr)
        self.assertTrue(lines[0].startswith("twistdpp: "), lines[0])
        for text in texts:
            self.assertIn(text, lines[0])


def run_tests():
    unittest.main(module="__main__", argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
