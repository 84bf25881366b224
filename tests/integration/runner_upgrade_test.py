"""SIGUSR2: another process of the program takes the sockets over, and no client notices."""
import hashlib
import http.client
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import threading
import unittest

from support.daemon import DAEMON, PATIENCE, DaemonTest, alive, free_port, read, run_tests, wait_for

root_only = unittest.skipUnless(os.geteuid() == 0, "needs root")
MIB = 1 << 20
ALREADY_RUNNING = 75


class Traffic(threading.Thread):
    """Calls `step` again and again; the first failure ends it and is kept."""

    def __init__(self, step):
        super().__init__(daemon=True)
        self.step, self.count, self.failure, self.ended = step, 0, None, threading.Event()
        self.start()

    def run(self):
        try:
            while not self.ended.is_set():
                self.step()
                self.count += 1
        except Exception as failure:  # whatever it is, the test tells it
            self.failure = failure

    def stop(self):
        self.ended.set()
        self.join(PATIENCE)
        self.step.close()
        return self.failure


class KeptAlive:
    """Requests over one connection as long as the server lets it; each must be answered."""

    def __init__(self, address, path, content):
        self.address, self.path, self.content = address, path, content
        self.connection = None

    def __call__(self):
        if not self.connection:
            self.connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
        self.connection.request("GET", self.path)
        answer = self.connection.getresponse()
        if answer.status != 200 or answer.read() != self.content:
            raise AssertionError(f"{answer.status} {answer.headers}")
        if answer.will_close:
            self.close()

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


class OneEach(KeptAlive):
    """A connection for each request."""

    def __call__(self):
        super().__call__()
        self.close()


class Asking:
    """Datagrams, each of which must be answered; .seen holds which process did."""

    def __init__(self, port):
        self.client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.client.settimeout(PATIENCE)
        self.client.connect(("127.0.0.1", port))
        self.seen = []

    def __call__(self):
        self.client.send(b"%d" % len(self.seen))
        pid, number = self.client.recv(100).split()
        if int(number) != len(self.seen):
            raise AssertionError(f"{number} is not {len(self.seen)}")
        self.seen.append(int(pid))

    def close(self):
        self.client.close()


class Upgrade(DaemonTest):
    def setUp(self):
        super().setUp()
        self.program = self.path("twistdpp")
        shutil.copy(DAEMON, self.program)
        os.mkdir(self.path("site"))
        self.threads = []
        self.addCleanup(lambda: [thread.stop() for thread in self.threads])

    def replace(self, text=None):
        """Another file in the program's place: the daemon again, or a script."""
        fresh = self.path("fresh")
        if text is None:
            shutil.copy(DAEMON, fresh)
        else:
            with open(fresh, "w", encoding="ascii") as file:
                file.write(text)
            os.chmod(fresh, 0o755)
        inode = os.stat(fresh).st_ino
        os.replace(fresh, self.program)
        return inode

    def put(self, name, content):
        with open(self.path("site/" + name), "wb") as file:
            file.write(content)
        return content

    def start(self, *arguments, **options):
        return self.foreground("--pidfile", "x.pid", *arguments, program=self.program, **options)

    def web(self, *arguments, **options):
        daemon = self.start(*arguments, "web", "--port", "tcp:0:interface=127.0.0.1", "--path", "site", **options)
        self.url = "http://%s:%d/" % daemon.address()
        return daemon

    def pid_in(self, name="x.pid"):
        text = read(self.path(name)).strip()
        return int(text) if text else 0

    def upgrade(self, pid, pidfile="x.pid"):
        """Sends the signal and returns the process that serves afterwards."""
        os.kill(pid, signal.SIGUSR2)
        new = wait_for(lambda: self.pid_in(pidfile) not in (0, pid) and self.pid_in(pidfile), "the new process")
        self.pids.add(new)
        return new

    def expect_end(self, pid):
        wait_for(lambda: not alive(pid), f"the end of {pid}")

    def traffic(self, *steps):
        threads = [Traffic(step) for step in steps]
        self.threads += threads
        for thread in threads:
            wait_for(lambda: thread.count > 5 or thread.failure, "traffic")
        return threads

    def assert_unharmed(self, threads):
        for thread in threads:
            before = thread.count
            wait_for(lambda: thread.count > before + 5 or thread.failure, "traffic after it")
        for thread in threads:
            self.assertIsNone(thread.stop(), thread.step)


class Serving(Upgrade):
    def check_traffic(self, rounds, *arguments):
        content = self.put("a", os.urandom(3000))
        daemon = self.web(*arguments)
        pid, address = daemon.pid, daemon.address()
        threads = self.traffic(*(kind(address, "/a", content) for kind in (KeptAlive, OneEach) for _ in range(3)))
        for _ in range(rounds):
            inode = self.replace()
            old, pid = pid, self.upgrade(pid)
            self.expect_end(old)
            self.assertEqual(os.stat(f"/proc/{pid}/exe").st_ino, inode, "the new file runs")
        self.assert_unharmed(threads)
        self.assertEqual(daemon.process.wait(PATIENCE), 0)
        return pid

    def test_no_connection_is_refused_or_cut(self):
        self.check_traffic(1)

    def test_two_in_a_row(self):
        self.check_traffic(2)

    def test_the_sockets_of_all_workers_go_over(self):
        pid = self.check_traffic(2, "--workers", "2")
        self.assertEqual(self.listeners(pid), 2)

    def listeners(self, pid):
        """Listening TCP sockets that the process has open."""
        mine = set()
        for fd in os.listdir(f"/proc/{pid}/fd"):
            try:
                found = re.match(r"socket:\[(\d+)\]", os.readlink(f"/proc/{pid}/fd/{fd}"))
            except FileNotFoundError:
                continue
            if found:
                mine.add(found.group(1))
        rows = [line.split() for line in read("/proc/net/tcp").splitlines()[1:]]
        return sum(1 for row in rows if row[3] == "0A" and row[9] in mine)

    def test_another_number_of_workers_serves_every_socket(self):
        content = self.put("a", b"content")
        for before, after, sockets in ((3, 1, 3), (1, 3, 1), (3, 2, 3)):
            with self.subTest(before=before, after=after):
                config = self.path("tw.toml")
                with open(config, "w", encoding="ascii") as file:
                    file.write(f"workers = {before}\n")
                daemon = self.web("--config", config)
                threads = self.traffic(*(OneEach(daemon.address(), "/a", content) for _ in range(4)))
                with open(config, "w", encoding="ascii") as file:
                    file.write(f"workers = {after}\n")
                pid = self.upgrade(daemon.pid)
                self.expect_end(daemon.pid)
                self.assert_unharmed(threads)
                self.assertEqual(self.listeners(pid), sockets)
                self.stop(pid)
                daemon.kill()

    def test_a_download_ends_whole_from_the_old_process(self):
        content = self.put("60.bin", os.urandom(60 * MIB))
        daemon = self.web()
        client = subprocess.Popen(
            ["curl", "-sS", "--limit-rate", "30M", "-o", self.path("got"), self.url + "60.bin"])
        self.addCleanup(client.kill)
        wait_for(lambda: os.path.exists(self.path("got")) and os.path.getsize(self.path("got")) > MIB, "the beginning")
        new = self.upgrade(daemon.pid)
        self.assertTrue(alive(daemon.pid))
        self.assertEqual(subprocess.run(["curl", "-sSf", "-r", "0-9", self.url + "60.bin"], capture_output=True,
                                        timeout=PATIENCE).stdout, content[:10])
        self.assertEqual(client.wait(PATIENCE), 0)
        self.expect_end(daemon.pid)
        self.assertTrue(alive(new))
        with open(self.path("got"), "rb") as file:
            self.assertEqual(hashlib.sha256(file.read()).digest(), hashlib.sha256(content).digest())

    def test_in_the_background(self):
        content = self.put("a", b"content")
        port = free_port()
        pid = self.background("web", "--port", f"127.0.0.1:{port}", "--path", "site", program=self.program)
        threads = self.traffic(*(kind(("127.0.0.1", port), "/a", content) for kind in (KeptAlive, OneEach)))
        for _ in range(2):
            inode = self.replace()
            old, pid = pid, self.upgrade(pid, "twistdpp.pid")
            self.expect_end(old)
            self.assertEqual(os.stat(f"/proc/{pid}/exe").st_ino, inode)
        self.assert_unharmed(threads)
        log = read(self.path("twistdpp.log"))
        self.assertIn(f"upgrade: process {pid} is ready", log)
        self.assertNotRegex(log, "#(error|warn)")
        self.assert_fails(self.run_daemon("web", "--path", "site"), ALREADY_RUNNING, f"as process {pid}")
        self.stop(pid)
        self.assertFalse(os.path.exists(self.path("twistdpp.pid")))

    def test_the_pidfile_stays_locked_while_the_old_one_drains(self):
        daemon = self.start("probe1", "--port", "0", "--stubborn")
        with daemon.connect() as client:
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")
            new = self.upgrade(daemon.pid)
            self.assert_fails(self.run_daemon("-n", "--pidfile", "x.pid", "probe1"), ALREADY_RUNNING,
                              f"as process {new}")
            client.sendall(b"still the old one")
            self.assertEqual(client.recv(100), b"still the old one")
        self.assertEqual(daemon.process.wait(PATIENCE), 0)
        self.assertEqual(self.pid_in(), new)
        self.assert_fails(self.run_daemon("-n", "--pidfile", "x.pid", "probe1"), ALREADY_RUNNING)
        self.stop(new)
        self.assertFalse(os.path.exists(self.path("x.pid")))


class Sockets(Upgrade):
    def test_unix_sockets_keep_their_path_and_lock(self):
        path = self.path("s")
        daemon = self.start("echo", "--listen", "unix:" + path)
        pid = daemon.pid
        for _ in range(2):
            before = os.stat(path).st_ino
            old, pid = pid, self.upgrade(pid)
            self.expect_end(old)
            self.assertEqual(os.stat(path).st_ino, before)
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(PATIENCE)
                client.connect(path)
                client.sendall(b"x")
                self.assertEqual(client.recv(1), b"x")
            self.assert_fails(self.run_daemon("-n", "echo", "--listen", "unix:" + path), 69, "another process holds")
        self.stop(pid)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("s.") or name == "s"], [])

    def test_datagram_ports_go_over(self):
        for workers in ("1", "2"):
            with self.subTest(workers=workers):
                daemon = self.start("--workers", workers, "probe1", "--udp", "0")
                port = int(re.search(r"udp 127\.0\.0\.1:(\d+)", daemon.log).group(1))
                asking = Asking(port)
                threads = self.traffic(asking)
                new = self.upgrade(daemon.pid)
                self.expect_end(daemon.pid)
                self.assert_unharmed(threads)
                self.assertEqual((asking.seen[0], asking.seen[-1]), (daemon.pid, new))
                self.stop(new)
                daemon.kill()

    def test_ports_may_come_and_go_with_the_configuration(self):
        config, gone, kept, fresh = self.path("tw.toml"), self.path("gone"), self.path("kept"), self.path("fresh")

        def write(*paths):
            with open(config, "w", encoding="ascii") as file:
                listen = ", ".join(f"'unix:{path}'" for path in paths)
                file.write(f"[echo]\nlisten = [{listen}]\n")

        write(gone, kept)
        daemon = self.start("--config", config)
        write(kept, fresh)
        new = self.upgrade(daemon.pid)
        self.expect_end(daemon.pid)
        daemon.expect(f"unix:{gone} is not served any more, closed")
        for path in (kept, fresh):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(PATIENCE)
                client.connect(path)
                client.sendall(b"x")
                self.assertEqual(client.recv(1), b"x")
        self.assertFalse(os.path.exists(gone))
        self.assertFalse(os.path.exists(gone + ".lock"))
        self.stop(new)

    def test_sockets_of_a_service_manager_go_over(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port, number = listener.getsockname()[1], listener.fileno()
            process = subprocess.Popen(
                ["sh", "-c", f'exec 3<&{number}; export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"', "sh", self.program, "-n",
                 "--pidfile", "x.pid", "echo", "--listen", "systemd:domain=INET:index=0"], cwd=self.folder,
                pass_fds=[number], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_for(self.pid_in, "the start")
        pid = process.pid
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
                client.sendall(b"x")
                self.assertEqual(client.recv(1), b"x")
            old, pid = pid, self.upgrade(pid)
            self.expect_end(old)
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")
        self.stop(pid)


class Failing(Upgrade):
    def refuse(self, text, *arguments, program):
        content = self.put("a", b"content")
        daemon = self.web(*arguments)
        threads = self.traffic(*(kind(daemon.address(), "/a", content) for kind in (KeptAlive, OneEach)))
        self.replace(program)
        daemon.send(signal.SIGUSR2)
        daemon.expect(text)
        self.assert_unharmed(threads)
        self.assertEqual(self.pid_in(), daemon.pid)
        self.assertTrue(alive(daemon.pid))
        return daemon

    def test_a_program_that_fails_keeps_the_old_one(self):
        daemon = self.refuse("ended with status 3 without being ready: no luck; this process goes on serving",
                             program="#!/bin/sh\necho no luck >&2\nexit 3\n")
        # And the next one may succeed.
        self.replace()
        self.upgrade(daemon.pid)

    def test_one_that_is_killed_is_told(self):
        self.refuse("was killed by signal 11 (SIGSEGV) without being ready", program="#!/bin/sh\nkill -SEGV $$\n")

    def test_one_that_cannot_be_started_is_told(self):
        self.refuse("no upgrade, cannot start", program="no program\n")

    def test_one_that_is_never_ready_is_killed(self):
        pids = self.path("pids")
        daemon = self.refuse("not ready within 500 ms", "--upgrade-timeout", "500ms",
                             program=f"#!/bin/sh\necho $$ > {pids}\nexec sleep 100\n")
        self.expect_end(int(read(pids)))
        self.assertIn("this process goes on serving", daemon.log)

    def test_its_own_reason_is_in_the_log(self):
        config = self.path("tw.toml")

        def write(text):
            with open(config, "w", encoding="ascii") as file:
                file.write(text)

        for bad, text in (("[probe1]\nport = 0\nwrod = 1\n", "tw.toml:3: there is no option wrod"),
                          ("[probe1]\nport = 0\nfail-at = 'start'\n", "probe1: told to fail at start"),
                          ("[probe1]\nport = 0\ncrash = true\n", "ended with status 3"),
                          ("pidfile = '/none/x'\n[probe1]\nport = 0\n", "pidfile /none/x: No such file")):
            with self.subTest(bad=bad):
                write("pidfile = 'x.pid'\n[probe1]\nport = 0\n")
                daemon = self.foreground("--config", config, program=self.program)
                with daemon.connect() as before:
                    before.sendall(b"x")
                    self.assertEqual(before.recv(1), b"x")
                    write(bad)
                    daemon.send(signal.SIGUSR2)
                    daemon.expect("; this process goes on serving")
                    self.assertIn(text, daemon.log)
                    for client in (before, daemon.connect()):
                        with client:
                            client.sendall(b"y")
                            self.assertEqual(client.recv(1), b"y")
                self.assertEqual(self.pid_in(), daemon.pid)
                self.assertEqual(daemon.stop(), -signal.SIGTERM)
                self.assertFalse(os.path.exists(self.path("x.pid")))

    def test_a_second_request_is_refused_while_one_runs(self):
        pids = self.path("pids")
        daemon = self.web()
        self.replace(f"#!/bin/sh\necho $$ > {pids}\nexec sleep 100\n")
        daemon.send(signal.SIGUSR2)
        wait_for(lambda: read(pids), "the first")
        daemon.send(signal.SIGUSR2)
        daemon.expect("SIGUSR2: no upgrade, one is under way already, process " + read(pids).strip())
        # And a stop ends both.
        self.assertEqual(daemon.stop(), -signal.SIGTERM)
        self.assertIn("upgrade: given up", daemon.log)
        self.expect_end(int(read(pids)))
        self.assertFalse(os.path.exists(self.path("x.pid")))


class Stopping(Upgrade):
    def test_the_first_term_of_the_old_one_does_not_cut(self):
        daemon = self.start("probe1", "--port", "0", "--stubborn")
        with daemon.connect() as client:
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")
            new = self.upgrade(daemon.pid)
            daemon.send(signal.SIGTERM)
            daemon.expect("SIGTERM: stopping already")
            client.sendall(b"y")
            self.assertEqual(client.recv(1), b"y")
            daemon.send(signal.SIGTERM)
            self.expect_end(daemon.pid)
        self.assertTrue(alive(new))
        self.assertEqual(self.pid_in(), new)

    def test_the_connections_of_the_old_one_have_the_deadline(self):
        daemon = self.start("--shutdown-timeout", "300ms", "probe1", "--port", "0", "--stubborn")
        with daemon.connect() as client:
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")
            self.upgrade(daemon.pid)
            self.expect_end(daemon.pid)


class Surroundings(Upgrade):
    def test_the_service_manager_hears_of_the_new_process_first(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.settimeout(PATIENCE)
            manager.bind(self.path("notify"))
            daemon = self.start("probe1", "--port", "0", env=self.environment(NOTIFY_SOCKET=self.path("notify")))
            self.assertIn("READY=1", manager.recv(4096).decode())
            new = self.upgrade(daemon.pid)
            self.assertEqual(manager.recv(4096).decode(), f"MAINPID={new}")
            self.assertIn(f"READY=1\nMAINPID={new}\n", manager.recv(4096).decode())
            self.expect_end(daemon.pid)
            manager.settimeout(0)
            with self.assertRaises(BlockingIOError):
                manager.recv(4096)

    def test_the_folder_the_arguments_and_the_output_are_those_of_the_start(self):
        os.mkdir(self.path("run"))
        daemon = self.start("--rundir", "run", "--logfile", "-", "probe1", "--port", "0")
        before = read(f"/proc/{daemon.pid}/cmdline")
        outputs = [os.readlink(f"/proc/{daemon.pid}/fd/{number}") for number in range(3)]
        new = self.upgrade(daemon.pid)
        self.assertEqual(read(f"/proc/{new}/cmdline"), before)
        self.assertEqual([os.readlink(f"/proc/{new}/fd/{number}") for number in range(3)], outputs)
        self.assertEqual(os.readlink(f"/proc/{new}/cwd"), os.path.realpath(self.path("run")))
        daemon.expect(f"in place of process {daemon.pid}")

    @root_only
    def test_another_user_goes_on_with_a_port_of_root(self):
        os.chmod(self.folder, stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO)
        daemon = self.start("--uid", "nobody", "--workers", "2", "probe1", "--port", "81")
        new = self.upgrade(daemon.pid)
        self.expect_end(daemon.pid)
        self.assertRegex(read(f"/proc/{new}/status"), r"(?m)^Uid:(\t65534){4}$")
        with socket.create_connection(("127.0.0.1", 81), timeout=PATIENCE) as client:
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")

    @root_only
    def test_another_root_folder_takes_a_restart(self):
        os.mkdir(self.path("jail"))
        daemon = self.start("--chroot", "jail", "probe1", "--port", "0")
        daemon.send(signal.SIGUSR2)
        daemon.expect("no upgrade, the program is out of reach after --chroot")
        with daemon.connect() as client:
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")


if __name__ == "__main__":
    run_tests()
