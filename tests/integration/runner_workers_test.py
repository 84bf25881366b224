"""Several event loops, and the profiler that watches them."""
import os
import re
import signal

from support.daemon import DaemonTest, read, run_tests

UNAVAILABLE = 69


class Workers(DaemonTest):
    def test_each_has_the_service_and_all_share_the_port(self):
        journal = self.path("journal")
        daemon = self.foreground("--workers", "3", "probe1", "--port", "0", "--journal", journal)
        self.assertEqual(len(re.findall(r"tcp 127", daemon.log.split("ready: ")[1])), 1, "one address, told once")
        for _ in range(30):
            with daemon.connect() as client:
                client.sendall(b"x")
                self.assertEqual(client.recv(1), b"x")
        self.assertEqual(daemon.stop(), -signal.SIGTERM)
        lines = read(journal).splitlines()
        for what in ("bind", "start", "stop"):
            self.assertEqual(sorted(line for line in lines if line.endswith(what)),
                             [f"probe1.{number} {what}" for number in range(3)])

    def test_a_service_that_wants_one_loop_gets_one(self):
        journal = self.path("journal")
        daemon = self.foreground("--workers", "3", "single", "--port", "0", "--journal", journal)
        self.assertEqual(daemon.stop(), -signal.SIGTERM)
        self.assertEqual(read(journal), "single.0 bind\nsingle.0 start\nsingle.0 stop\n")

    def test_a_failure_of_one_stops_all(self):
        result = self.run_daemon("-n", "--workers", "3", "probe1", "--port", "0", "probe2", "--fail-at", "start")
        self.assert_fails(result, UNAVAILABLE, "probe2: told to fail at start")

    def test_what_hangs_is_named_by_its_worker(self):
        daemon = self.foreground("--workers", "2", "--shutdown-timeout", "200ms", "probe1", "--hang-at", "stop")
        self.assertEqual(daemon.stop(), UNAVAILABLE)
        self.assertIn("worker 1: still busy: probe1", daemon.log)

    def test_as_many_as_there_are_processors(self):
        daemon = self.foreground("--workers", "0", "probe1", "--port", "0")
        self.assertIn(f"{len(os.sched_getaffinity(0))} worker", daemon.log)


class Profile(DaemonTest):
    def spin(self, *arguments):
        daemon = self.foreground(*arguments, "probe1", "--port", "0")
        with daemon.connect() as client:
            client.sendall(b"spin\n")
            self.assertEqual(client.recv(100), b"spin\n")
        self.assertEqual(daemon.stop(), -signal.SIGTERM)
        return daemon

    def test_folded_stacks_show_where_the_time_went(self):
        daemon = self.spin("--profile", "cpu.folded", "--workers", "2")
        lines = read(self.path("cpu.folded")).splitlines()
        inside = outside = 0
        for line in lines:
            stack, count = line.rsplit(" ", 1)
            if re.search(r"Connection::readable.*Echo::dataReceived", stack):
                inside += int(count)
            elif "uv_run" in stack or "Poller" in stack:
                outside += int(count)
        # What the start took is no matter here: a sanitizer makes it long.
        self.assertGreater(inside, 100, lines[:5])
        self.assertGreater(inside, outside * 4, lines[:5])
        self.assertRegex(daemon.log, r"profile cpu\.folded: \d+ samples, 0 lost")

    def test_loop_lag_is_in_the_log_and_in_the_statistics(self):
        daemon = self.spin("--profile", "cpu.folded", "--savestats")
        self.assertRegex(daemon.log, r"loop lag < +4\.29 s +1 ")
        self.assertRegex(read(self.path("cpu.folded.stats")), r"(?m)^loop_lag_seconds_count \d+$")

    def test_a_profile_that_cannot_be_written_stops_the_start(self):
        for mode in ([], ["-n"]):
            self.assert_fails(self.run_daemon(*mode, "--profile", self.path("none/x"), "probe1"), 73,
                              "profile " + self.path("none/x"), "No such file")


if __name__ == "__main__":
    run_tests()
