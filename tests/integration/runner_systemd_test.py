"""What a service manager sees: readiness, reloads and stops by NOTIFY_SOCKET, a watchdog."""
import os
import signal
import socket

from support.daemon import DaemonTest, run_tests


class Notify(DaemonTest):
    def setUp(self):
        super().setUp()
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.settimeout(30)
        self.addCleanup(self.manager.close)

    def listen(self, address):
        self.manager.bind(address)
        return address.replace("\0", "@")

    def next(self):
        message = self.manager.recv(4096).decode()
        return dict(line.split("=", 1) for line in message.splitlines())

    def test_ready_reload_and_stop(self):
        env = self.environment(NOTIFY_SOCKET=self.listen(self.path("notify")))
        daemon = self.foreground("probe1", "--port", "0", env=env)
        ready = self.next()
        self.assertEqual((ready["READY"], ready["MAINPID"]), ("1", str(daemon.pid)))
        self.assertIn("probe1 on tcp 127.0.0.1:", ready["STATUS"])
        daemon.send(signal.SIGHUP)
        reloading = self.next()
        self.assertEqual(reloading["RELOADING"], "1")
        self.assertGreater(int(reloading["MONOTONIC_USEC"]), 0)
        self.assertEqual(self.next()["READY"], "1")
        daemon.send(signal.SIGTERM)
        self.assertEqual(self.next()["STOPPING"], "1")
        self.assertEqual(daemon.wait(), -signal.SIGTERM)

    def test_abstract_socket_and_a_daemon_in_the_background(self):
        env = self.environment(NOTIFY_SOCKET=self.listen(f"\0twistdpp-test-{os.getpid()}"))
        pid = self.background("probe1", "--port", "0", env=env)
        self.assertEqual(self.next()["MAINPID"], str(pid))

    def test_watchdog(self):
        env = self.environment(NOTIFY_SOCKET=self.listen(self.path("notify")), WATCHDOG_USEC="200000")
        self.foreground("probe1", "--port", "0", env=env)
        self.assertEqual(self.next()["READY"], "1")
        for _ in range(3):
            self.assertEqual(self.next(), {"WATCHDOG": "1"})

    def test_a_start_that_fails_is_never_ready(self):
        env = self.environment(NOTIFY_SOCKET=self.listen(self.path("notify")))
        self.assert_fails(self.run_daemon("-n", "probe1", "--fail-at", "start", env=env), 69, "told to fail at start")
        self.manager.settimeout(0)
        with self.assertRaises(BlockingIOError):
            self.next()

    def test_a_manager_that_is_gone_does_no_harm(self):
        daemon = self.foreground("probe1", "--port", "0", env=self.environment(NOTIFY_SOCKET=self.path("none")))
        self.assertEqual(daemon.stop(), -signal.SIGTERM)


if __name__ == "__main__":
    run_tests()
