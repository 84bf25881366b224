"""The echo service, and through it what every service gets from serveEndpoints()."""
import os
import re
import signal
import socket
import subprocess

from support.daemon import DAEMON, DaemonTest, Foreground, alive, read, run_tests, wait_for

UNAVAILABLE, NO_PERMISSION = 69, 77


class Echo(DaemonTest):
    def test_sends_back_what_it_gets_until_the_peer_has_finished(self):
        daemon = self.foreground("echo", "--listen", "tcp:0:interface=127.0.0.1")
        data = os.urandom(100_000)
        with daemon.connect() as client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            received = b""
            while block := client.recv(65536):
                received += block
        self.assertEqual(received, data)
        self.assertEqual(daemon.stop(), -signal.SIGTERM)

    def test_a_client_that_never_reads_stays_small(self):
        daemon = self.foreground("echo", "--listen", "tcp:0:interface=127.0.0.1")

        before = self.resident(daemon)
        with daemon.connect() as client:
            client.settimeout(1)
            sent = 0
            try:
                while sent < 200_000_000:
                    sent += client.send(b"x" * 65536)
            except socket.timeout:
                pass
            self.assertLess(sent, 200_000_000, "the daemon stops reading")
            self.assertLess(self.resident(daemon) - before, 1024, "KiB for the connection")

    def test_several_endpoints(self):
        path = self.path("socket")
        daemon = self.foreground("echo", "--listen", "tcp:0:interface=127.0.0.1", "--listen", f"unix:{path}")
        self.assertIn(f", unix:{path} (pid", daemon.log)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.sendall(b"hello")
            self.assertEqual(client.recv(100), b"hello")
        self.assertEqual(daemon.stop(), -signal.SIGTERM)
        self.assertFalse(os.path.exists(path))

    def test_workers_share_a_port_that_the_system_chose(self):
        daemon = self.foreground("--workers", "3", "echo", "--listen", "tcp:0:interface=127.0.0.1",
                                 "--listen", f"unix:{self.path('socket')}")
        self.assertEqual(daemon.log.split("ready: ")[1].count("tcp 127.0.0.1:"), 1)
        sockets = read("/proc/net/tcp").count(f":{daemon.address()[1]:04X} 00000000:0000 0A")
        self.assertEqual(sockets, 3)
        for _ in range(20):
            with daemon.connect() as client:
                client.sendall(b"x")
                self.assertEqual(client.recv(1), b"x")
        self.assertEqual(daemon.stop(), -signal.SIGTERM)

    def test_a_bad_endpoint_names_the_argument(self):
        for text, word in (("tcp:abc", "abc"), ("nope:1", "nope"), ("tcp:70000", "70000"), ("tcp:1:interfac=x", "interfac")):
            for mode in ([], ["-n"], ["--check"]):
                with self.subTest(text=text, mode=mode):
                    self.assert_fails(self.run_daemon(*mode, "echo", "--listen", text), UNAVAILABLE, "echo: ", word)

    def test_a_port_that_only_root_may_bind(self):
        if os.geteuid() != 0 or int(read("/proc/sys/net/ipv4/ip_unprivileged_port_start")) <= 7:
            self.skipTest("needs root, to give it up, and privileged ports")

        def give_up():
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)

        daemon = Foreground(("echo",), "/", ready=False, preexec=give_up)
        self.addCleanup(daemon.kill)
        self.assertEqual(daemon.wait(), NO_PERMISSION, daemon.stderr)
        self.assertRegex(daemon.stderr, r"^twistdpp: echo: .*0\.0\.0\.0:7: Permission denied\n$")

    def test_sockets_from_a_service_manager(self):
        with socket.create_server(("127.0.0.1", 0)) as passed:
            for mode in ("-n", ""):
                # The shell's own id is the daemon's after exec, which is what a service manager would name.
                command = (f"exec env LISTEN_FDS=1 LISTEN_PID=$$ {DAEMON} {mode} echo "
                           f"--listen systemd:domain=INET:index=0 3<&{passed.fileno()}")
                with open(self.path("out"), "wb") as out:
                    process = subprocess.Popen(["sh", "-c", command], cwd=self.folder, pass_fds=(passed.fileno(),),
                                               stdin=subprocess.DEVNULL, stdout=out, stderr=out)
                wait_for(lambda: "ready: " in read(self.path("out")), "the ready line")
                pid = int(re.search(r"pid (\d+)", read(self.path("out"))).group(1))
                self.pids.add(pid)
                with socket.create_connection(passed.getsockname(), timeout=30) as client:
                    client.sendall(b"x")
                    self.assertEqual(client.recv(1), b"x")
                os.kill(pid, signal.SIGTERM)
                process.wait(30)
                wait_for(lambda: not alive(pid), "the end")


if __name__ == "__main__":
    run_tests()
