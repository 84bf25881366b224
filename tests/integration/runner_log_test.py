"""The daemon's log: formats, levels, rotation, modes, a full disk; and the access log of a service."""
import json
import os
import re
import resource
import signal
import socket
import stat
import threading

from support.daemon import DaemonTest, read, run_tests, wait_for


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


class Log(DaemonTest):
    def test_text_lines(self):
        pid = self.background("probe1", "--port", "0")
        for line in read(self.path("twistdpp.log")).splitlines():
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} \[[a-z.0-9]+#(info|warn)\] \S")
        self.stop(pid)
        self.assertIn("[twistdpp#info] stopped\n", read(self.path("twistdpp.log")))

    def test_json_lines(self):
        daemon = self.foreground("--log-format", "json", "probe1", "--port", "0")
        self.assertEqual(daemon.stop(), -signal.SIGTERM)
        records = [json.loads(line) for line in daemon.log.splitlines()]
        ready = next(record for record in records if record["message"].startswith("ready: "))
        self.assertEqual((ready["level"], ready["severity"], ready["namespace"], ready["pid"]),
                         ("info", 20, "twistdpp", daemon.pid))
        self.assertRegex(ready["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$")

    def test_levels_by_namespace(self):
        daemon = self.foreground("--log-level", "error", "--log-level", "probe1=debug", "probe1", "--log-lines", "1",
                                 "probe2", "--log-lines", "1", ready=False)
        daemon.expect("[probe1#info] line 0")
        daemon.stop()
        self.assertNotIn("[probe2", daemon.log)
        self.assertNotIn("[twistdpp#info]", daemon.log)

    def test_rotation(self):
        pid = self.background("probe1", "--port", "0")
        log = self.path("twistdpp.log")
        os.rename(log, log + ".1")
        os.kill(pid, signal.SIGUSR1)
        wait_for(lambda: "logs reopened" in read(log), "the new log")
        self.assertNotIn("logs reopened", read(log + ".1"))
        self.assertEqual((mode_of(log), mode_of(log + ".1")), (0o640, 0o640))

    def test_rotation_that_fails_is_loud_and_loses_nothing(self):
        pid = self.background("probe1", "--port", "0")
        log = self.path("twistdpp.log")
        os.rename(log, log + ".1")
        os.mkdir(log)
        os.kill(pid, signal.SIGUSR1)
        wait_for(lambda: "the old file stays in use" in read(log + ".1"), "the complaint")

    def test_every_line_of_a_burst_is_written_before_the_end(self):
        daemon = self.foreground("probe1", "--log-lines", "300", "--port", "0")
        daemon.stop()
        self.assertEqual(len(re.findall(r"\[probe1#info\] line \d+\n", daemon.log)), 300)

    def test_a_full_disk_is_told_once_and_the_daemon_goes_on(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (150, 150))

        daemon = self.foreground("--logfile", "x.log", "probe1", "--log-lines", "50", "--port", "0", ready=False,
                                 preexec=limit)
        wait_for(lambda: os.path.exists(self.path("x.log")) and os.path.getsize(self.path("x.log")) == 150, "the log")
        self.assertEqual(daemon.stop(), -signal.SIGTERM)
        self.assertEqual(daemon.stderr.count("cannot be written, lines are lost: File too large"), 1, daemon.stderr)

    def test_syslog(self):
        # No syslog daemon need run for it: what cannot be delivered is dropped by the library.
        daemon = self.foreground("--syslog", "--prefix", "probe", "probe1", "--journal", self.path("j"), ready=False)
        wait_for(lambda: "start" in read(self.path("j")), "the start")
        self.assertEqual(daemon.stop(), -signal.SIGTERM)
        self.assertEqual(daemon.log, "")


class SyslogSocket(DaemonTest):
    def test_lines_arrive_with_prefix_and_priority(self):
        if os.geteuid() != 0 or os.path.exists("/dev/log"):
            self.skipTest("/dev/log is taken or not ours to make")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
            log.bind("/dev/log")
            self.addCleanup(os.unlink, "/dev/log")
            log.settimeout(30)
            daemon = self.foreground("--syslog", "--prefix", "probe", "probe1", "--port", "0", ready=False)
            line = log.recv(1000).decode()
            # <daemon.info>: facility 3, severity 6.
            self.assertRegex(line, rf"^<30>.* probe\[{daemon.pid}\]: \[twistdpp\] twistdpp \S+ starting")
            while "ready: probe1" not in line:
                line = log.recv(1000).decode()
            daemon.stop()


class AccessLog(DaemonTest):
    def connect_once(self, daemon):
        with daemon.connect() as client:
            client.sendall(b"x")
            client.recv(1)

    def test_lines_of_all_workers_reach_the_file_and_follow_a_rotation(self):
        path = self.path("access.log")
        daemon = self.foreground("--workers", "2", "probe1", "--port", "0", "--access-log", path)
        for _ in range(20):
            self.connect_once(daemon)
        wait_for(lambda: read(path).count("connection from 127.0.0.1\n") == 20, "twenty lines")
        os.rename(path, path + ".1")
        daemon.send(signal.SIGUSR1)
        daemon.expect("logs reopened")
        self.connect_once(daemon)
        self.assertEqual(daemon.stop(), -signal.SIGTERM)
        self.assertEqual(read(path), "connection from 127.0.0.1\n", "what was gathered is written at the end")
        self.assertEqual(mode_of(path), 0o640)

    def test_a_file_that_does_not_take_lines_holds_up_no_one(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        # Opening a FIFO for writing waits for its reader; this one opens it and never reads.
        opened = threading.Event()
        reader = []

        def hold():
            reader.append(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK))
            opened.set()

        threading.Thread(target=hold).start()
        opened.wait()
        self.addCleanup(lambda: os.close(reader[0]))
        daemon = self.foreground("probe1", "--port", "0", "--access-log", fifo)
        for _ in range(50):
            self.connect_once(daemon)
        self.assertEqual(daemon.stop(), -signal.SIGTERM)


if __name__ == "__main__":
    run_tests()
