"""Signals: none kills by default, stopping has a deadline, and a second request forces it."""
import os
import signal
import socket
import time

from support.daemon import DaemonTest, alive, read, run_tests, wait_for

UNAVAILABLE = 69


class Stopping(DaemonTest):
    def test_term_and_int_end_in_order_and_by_the_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            journal = self.path(f"journal{number}")
            daemon = self.foreground("probe1", "--port", "0", "--journal", journal)
            self.assertEqual(daemon.stop(number), -number)
            self.assertEqual(read(journal), "probe1.0 bind\nprobe1.0 start\nprobe1.0 stop\n")
            self.assertRegex(daemon.log, rf"SIG{signal.Signals(number).name[3:]}: stopping")
            self.assertIn("[twistdpp#info] stopped", daemon.log)
            self.assertEqual(daemon.stderr, "")

    def test_connections_get_to_finish_and_no_new_ones_come(self):
        daemon = self.foreground("probe1", "--port", "0", "--stubborn")
        address = daemon.address()
        with daemon.connect() as client:
            client.sendall(b"before")
            self.assertEqual(client.recv(100), b"before")
            daemon.send(signal.SIGTERM)
            daemon.expect("stopping")
            client.sendall(b"after")
            self.assertEqual(client.recv(100), b"after")
            with self.assertRaises(OSError):
                socket.create_connection(address, timeout=5).close()
        self.assertEqual(daemon.wait(), -signal.SIGTERM)

    def test_connections_are_cut_at_the_deadline(self):
        daemon = self.foreground("--shutdown-timeout", "300ms", "probe1", "--port", "0", "--stubborn")
        with daemon.connect() as client:
            client.sendall(b"x")
            client.recv(1)
            begun = time.monotonic()
            self.assertEqual(daemon.stop(), -signal.SIGTERM)
            self.assertLess(time.monotonic() - begun, 10)

    def test_a_service_that_hangs_ends_at_the_deadline_and_is_named(self):
        daemon = self.foreground("--shutdown-timeout", "200ms", "probe1", "--port", "0", "probe2", "--hang-at", "stop")
        self.assertEqual(daemon.stop(), UNAVAILABLE)
        self.assertIn("still busy: probe2", daemon.log)
        self.assertNotIn("still busy: probe1", daemon.log)
        self.assertIn("not stopped within the shutdown timeout", daemon.log)

    def test_a_second_signal_forces_and_says_what_hung(self):
        daemon = self.foreground("probe1", "--port", "0", "--stubborn", "probe2", "--port", "0")
        with daemon.connect() as client:
            client.sendall(b"x")
            client.recv(1)
            daemon.send(signal.SIGTERM)
            daemon.expect("stopping")
            self.assertEqual(daemon.stop(), -signal.SIGTERM)
        self.assertIn("still busy: probe1 (1 connections)", daemon.log)

    def test_a_loop_that_does_not_turn_ends_at_the_third_signal(self):
        daemon = self.foreground("probe1", "--port", "0")
        with daemon.connect() as client:
            client.sendall(b"spin\n")
            wait_for(lambda: int(read(f"/proc/{daemon.pid}/stat").rsplit(")", 1)[1].split()[11]) > 10, "the spin")
            for _ in range(3):
                daemon.send(signal.SIGTERM)
                time.sleep(0.05)
            begun = time.monotonic()
            self.assertEqual(daemon.wait(), -signal.SIGTERM)
            self.assertLess(time.monotonic() - begun, 2)
        self.assertIn("ending at once", daemon.stderr)

    def test_quit_ends_at_once_without_a_core(self):
        daemon = self.foreground("--pidfile", "x.pid", "probe1", "--port", "0", "--stubborn")
        with daemon.connect() as client:
            client.sendall(b"x")
            client.recv(1)
            self.assertEqual(daemon.stop(signal.SIGQUIT), 128 + signal.SIGQUIT)
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_signal_while_starting_stops_after_it(self):
        daemon = self.foreground("probe1", "--hang-at", "start", ready=False)
        daemon.expect("starting")
        # The loop must have come up before it can tell that it heard.
        daemon.send(signal.SIGTERM)
        daemon.expect("stops when that is done")
        self.assertEqual(daemon.stop(), -signal.SIGTERM)
        self.assertIn("stopped twice while it was starting", daemon.log)

    def test_background_daemon_removes_its_pidfile(self):
        pid = self.background("probe1", "--port", "0")
        self.stop(pid)
        wait_for(lambda: not os.path.exists(self.path("twistdpp.pid")), "the pidfile's end")


class OtherSignals(DaemonTest):
    def test_none_kills(self):
        daemon = self.foreground("probe1", "--port", "0")
        for number, text in ((signal.SIGHUP, "configuration reloaded"), (signal.SIGUSR1, "logs reopened"),
                             (signal.SIGRTMIN, "state: up"), (signal.SIGTTIN, "log level is now debug"),
                             (signal.SIGTTOU, "log level is now info")):
            daemon.send(number)
            daemon.expect(text)
        daemon.send(signal.SIGPIPE)
        with daemon.connect() as client:
            client.sendall(b"still here")
            self.assertEqual(client.recv(100), b"still here")
        self.assertEqual(daemon.stop(), -signal.SIGTERM)

    def test_usr1_on_the_standard_output_does_no_harm(self):
        daemon = self.foreground("probe1", "--port", "0")
        daemon.send(signal.SIGUSR1)
        daemon.expect("logs reopened")
        self.assertTrue(alive(daemon.pid))

    def test_rtmin_logs_what_is_going_on(self):
        daemon = self.foreground("probe1", "--port", "0", "--stubborn")
        with daemon.connect() as client:
            client.sendall(b"x")
            client.recv(1)
            daemon.send(signal.SIGRTMIN)
            daemon.expect("worker 0: probe1 (1 connections)")
            daemon.expect("turns, busy")


class Reload(DaemonTest):
    def write(self, text):
        with open(self.path("site.toml"), "w", encoding="ascii") as file:
            file.write(text)
        return self.path("site.toml")

    def test_takes_the_new_values_and_keeps_connections(self):
        config = self.write("[probe1]\nport = 0\nword = 'old'\n")
        daemon = self.foreground("--config", config)
        with daemon.connect() as before:
            self.assertEqual(before.recv(100), b"old")
            self.write("log-level = 'debug'\n[probe1]\nport = 0\nword = 'new'\n")
            daemon.send(signal.SIGHUP)
            daemon.expect("configuration reloaded")
            with daemon.connect() as after:
                self.assertEqual(after.recv(100), b"new")
            before.sendall(b"x")
            self.assertEqual(before.recv(100), b"x")

    def test_keeps_the_old_configuration_when_the_new_one_is_bad(self):
        for bad, text in (("[probe1]\nport = 0\nwrod = 'x'\n", "site.toml:3: there is no option wrod"),
                          ("[probe1]\nport = 0\nfail-at = 'reload'\n", "does not like it"),
                          ("[probe2]\nport = 0\n", "which services run changed")):
            with self.subTest(bad=bad):
                config = self.write("[probe1]\nport = 0\nword = 'old'\n")
                daemon = self.foreground("--config", config)
                self.write(bad)
                daemon.send(signal.SIGHUP)
                daemon.expect("the old configuration stays")
                self.assertIn(text, daemon.log)
                with daemon.connect() as client:
                    self.assertEqual(client.recv(100), b"old")
                daemon.stop()

    def test_says_what_waits_for_the_next_start(self):
        config = self.write("workers = 1\n[probe1]\nport = 0\n")
        daemon = self.foreground("--config", config)
        self.write("workers = 2\n[probe1]\nport = 0\n")
        daemon.send(signal.SIGHUP)
        daemon.expect("--workers changed: that takes effect at the next start")


if __name__ == "__main__":
    run_tests()
