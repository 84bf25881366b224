"""Starting: the whole message and the right status in both modes, before the terminal is let go."""
import os
import resource
import socket
import subprocess
import unittest

from support.daemon import DAEMON, DaemonTest, PROBE, alive, free_port, read, run_tests, wait_for

UNAVAILABLE, OS, CANNOT_CREATE, RUNNING = 69, 71, 73, 75


class Start(DaemonTest):
    def test_ready_line_names_every_address_with_its_real_port(self):
        daemon = self.foreground("probe1", "--port", "0", "probe2", "--port", "0")
        self.assertRegex(daemon.log,
                         rf"ready: probe1 on tcp 127\.0\.0\.1:\d+; probe2 on tcp 127\.0\.0\.1:\d+ \(pid {daemon.pid}\)")
        for number in (0, 1):
            with daemon.connect(number) as client:
                client.sendall(b"hello")
                self.assertEqual(client.recv(100), b"hello")

    def test_goes_to_the_background_when_it_is_ready(self):
        pid = self.background("probe1", "--port", "0")
        self.assertEqual(read(self.path("twistdpp.pid")), f"{pid}\n")
        self.assertIn("ready: probe1 on tcp", read(self.path("twistdpp.log")))
        self.assertEqual(os.getsid(pid) == pid, False, "not a session leader: no terminal becomes its own")
        self.assertNotEqual(os.getsid(pid), os.getsid(0))
        for number in (0, 1, 2):
            self.assertEqual(os.readlink(f"/proc/{pid}/fd/{number}"), "/dev/null")
        self.stop(pid)
        self.assertFalse(os.path.exists(self.path("twistdpp.pid")))

    def test_foreground_makes_no_pidfile_unasked(self):
        self.foreground("probe1", "--port", "0")
        self.assertEqual(os.listdir(self.folder), [])

    def test_port_in_use_in_both_modes(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            for mode in ([], ["-n"]):
                result = self.run_daemon(*mode, "probe1", "--port", str(port))
                self.assert_fails(result, UNAVAILABLE, f"probe1: cannot listen on 127.0.0.1:{port}: "
                                                       "Address already in use")
                self.assertFalse(os.path.exists(self.path("twistdpp.pid")))
        self.assertIn("Address already in use", read(self.path("twistdpp.log")))

    def test_a_long_message_comes_whole(self):
        word = "x" * 300
        result = self.run_daemon("probe1", "--journal", self.path("j"), "--access-log", f"{self.folder}/{word}/log")
        self.assert_fails(result, UNAVAILABLE, word + "/log: File name too long")

    def test_a_failing_third_service_stops_the_first_two(self):
        journal = self.path("journal")
        for mode in ([], ["-n"]):
            result = self.run_daemon(*mode, "probe1", "--journal", journal, "probe2", "--journal", journal,
                                     "probe3", "--journal", journal, "--fail-at", "start")
            self.assert_fails(result, UNAVAILABLE, "probe3: told to fail at start")
            self.assertEqual(read(journal).split("\n")[:-1],
                             ["probe1.0 bind", "probe2.0 bind", "probe3.0 bind", "probe1.0 start", "probe2.0 start",
                              "probe3.0 start", "probe2.0 stop", "probe1.0 stop"])
            os.remove(journal)

    def test_a_failure_while_binding_starts_nothing(self):
        journal = self.path("journal")
        result = self.run_daemon("probe1", "--journal", journal, "probe2", "--journal", journal, "--fail-at", "bind")
        self.assert_fails(result, UNAVAILABLE, "probe2: told to fail at bind")
        self.assertEqual(read(journal), "probe1.0 bind\nprobe2.0 bind\nprobe1.0 stop\n")

    def test_a_daemon_that_dies_while_starting_is_noticed(self):
        result = self.run_daemon("probe1", "--crash")
        self.assert_fails(result, 70, "died while it was starting", self.path("twistdpp.log"))

    @unittest.skipUnless(os.geteuid() == 0, "only root can start it as a user without other processes")
    def test_a_second_fork_that_fails_is_told_once(self):
        os.chmod(self.folder, 0o777)

        def alone():
            resource.setrlimit(resource.RLIMIT_NPROC, (2, 2))
            os.setgroups([])
            os.setgid(64123)
            os.setuid(64123)
        result = self.run_daemon("probe1", "--port", "0", preexec_fn=alone)
        if "Permission denied" in result.stderr:
            self.skipTest("the build folder cannot be read by other users")
        self.assert_fails(result, 71, "going into the background: fork")
        self.assertFalse(os.path.exists(self.path("twistdpp.pid")))

    def test_bad_run_folder(self):
        for mode in ([], ["-n"]):
            self.assert_fails(self.run_daemon(*mode, "--rundir", self.path("none"), "probe1"), OS,
                              "--rundir", "No such file or directory")

    def test_relative_names_count_from_where_it_was_started(self):
        os.mkdir(self.path("run"))
        pid = self.background("--rundir", "run", "--logfile", "here.log", "probe1", "--port", "0")
        self.assertIn("ready", read(self.path("here.log")))
        self.assertEqual(read(self.path("run/twistdpp.pid")), f"{pid}\n")
        self.assertEqual(os.readlink(f"/proc/{pid}/cwd"), os.path.realpath(self.path("run")))

    def test_log_that_cannot_be_made(self):
        for mode in ([], ["-n"]):
            self.assert_fails(self.run_daemon(*mode, "--logfile", self.path("none/log"), "probe1"), CANNOT_CREATE,
                              "log file " + self.path("none/log"), "No such file or directory")

    def test_the_process_is_named_after_its_service(self):
        daemon = self.foreground("probe1", "--port", "0")
        self.assertEqual(read(f"/proc/{daemon.pid}/comm"), "twistdpp-probe1\n")
        daemon = self.foreground("--originalname", "probe1", "--port", "0")
        self.assertEqual(read(f"/proc/{daemon.pid}/comm"), "twistdpp\n")

    def test_umask(self):
        pid = self.background("probe1", "--port", "0")
        self.assertIn("Umask:\t0077", read(f"/proc/{pid}/status"))
        daemon = self.foreground("--umask", "027", "probe1", "--port", "0")
        self.assertIn("Umask:\t0027", read(f"/proc/{daemon.pid}/status"))


class Pidfile(DaemonTest):
    """The lock decides, not the text: what twistd stumbles over starts here."""

    def test_second_start(self):
        pid = self.background("probe1", "--port", "0")
        for mode in ([], ["-n", "--pidfile", "twistdpp.pid"]):
            result = self.run_daemon(*mode, "probe1", "--port", "0")
            self.assert_fails(result, RUNNING, f"runs already as process {pid}", self.path("twistdpp.pid"))
        self.assertTrue(alive(pid))

    def test_of_several_starts_at_the_same_moment_one_wins(self):
        for _ in range(5):
            starts = [subprocess.Popen([DAEMON, "--plugin", PROBE, "probe1", "--port", "0"], cwd=self.folder,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
                      for _ in range(4)]
            codes = []
            for start in starts:
                start.communicate(timeout=60)
                codes.append(start.returncode)
            pid = int(read(self.path("twistdpp.pid")))
            self.pids.add(pid)
            self.assertEqual(sorted(codes), [0, RUNNING, RUNNING, RUNNING])
            self.stop(pid)
            wait_for(lambda: not os.path.exists(self.path("twistdpp.pid")), "the pidfile's end")

    def starts_with(self, text):
        with open(self.path("twistdpp.pid"), "w", encoding="ascii") as file:
            file.write(text)
        pid = self.background("probe1", "--port", "0")
        self.assertEqual(read(self.path("twistdpp.pid")), f"{pid}\n")
        self.stop(pid)

    def test_stale(self):
        gone = subprocess.Popen(["true"])
        gone.wait()
        self.starts_with(f"{gone.pid}\n")

    def test_empty_and_garbage(self):
        for text in ("", "\n", "garbage", "12 monkeys", "-1", "9" * 50):
            with self.subTest(text=text):
                self.starts_with(text)

    def test_zombie(self):
        zombie = subprocess.Popen(["true"])
        wait_for(lambda: not alive(zombie.pid), "the zombie")
        self.starts_with(f"{zombie.pid}\n")
        zombie.wait()

    def test_reused_by_another_process(self):
        self.starts_with(f"{os.getpid()}\n")

    def test_after_a_kill(self):
        pid = self.background("probe1", "--port", "0")
        os.kill(pid, 9)
        wait_for(lambda: not alive(pid), "the kill")
        self.assertEqual(read(self.path("twistdpp.pid")), f"{pid}\n")
        self.background("probe1", "--port", "0")

    def test_missing_folder(self):
        for mode in ([], ["-n"]):
            self.assert_fails(self.run_daemon(*mode, "--pidfile", self.path("none/x.pid"), "probe1"), CANNOT_CREATE,
                              "pidfile " + self.path("none/x.pid"), "No such file or directory")

    def test_a_link_is_not_followed(self):
        with open(self.path("precious"), "w", encoding="ascii") as file:
            file.write("data")
        os.symlink("precious", self.path("link"))
        self.assert_fails(self.run_daemon("--pidfile", "link", "probe1"), CANNOT_CREATE, "symbolic link")
        self.assertEqual(read(self.path("precious")), "data")

    def test_none_when_its_name_is_empty(self):
        self.background("--pidfile", "", "probe1", "--port", str(free_port()))
        self.assertFalse(os.path.exists(self.path("twistdpp.pid")))


if __name__ == "__main__":
    run_tests()
