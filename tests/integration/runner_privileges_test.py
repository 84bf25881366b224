"""Another user, another root. What only root may do is skipped elsewhere."""
import grp
import os
import pwd
import signal
import subprocess
import unittest

from support.daemon import DAEMON, PROBE, DaemonTest, free_port, read, run_tests, wait_for

USAGE, NO_PERMISSION = 64, 77
root_only = unittest.skipUnless(os.geteuid() == 0, "needs root")


def status(pid, field):
    for line in read(f"/proc/{pid}/status").splitlines():
        if line.startswith(field + ":"):
            return line.split(":", 1)[1].split()
    return []


class Names(DaemonTest):
    def test_unknown_user_and_group(self):
        for mode in ([], ["-n"]):
            self.assert_fails(self.run_daemon(*mode, "--uid", "nosuchuser", "probe1"), USAGE,
                              "--uid nosuchuser: there is no such user")
            self.assert_fails(self.run_daemon(*mode, "--gid", "nosuchgroup", "probe1"), USAGE,
                              "--gid nosuchgroup: there is no such group")
        self.assert_fails(self.run_daemon("-n", "--uid", "3999999999", "probe1"), USAGE, "--gid")
        self.assertEqual(os.listdir(self.folder), [])

    @root_only
    def test_only_root_can_become_another(self):
        nobody = pwd.getpwnam("nobody")
        result = subprocess.run(
            [DAEMON, "--plugin", PROBE, "-n", "--uid", "daemon", "probe1"], cwd="/", capture_output=True, text=True,
            timeout=60, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
        if "Permission denied" in result.stderr:
            self.skipTest("the build folder cannot be read by other users")
        self.assert_fails(result, NO_PERMISSION, "only root can become another user")


@root_only
class OtherUser(DaemonTest):
    def setUp(self):
        super().setUp()
        self.nobody = pwd.getpwnam("nobody")

    def test_ports_are_bound_before_and_everything_is_dropped(self):
        daemon = self.foreground("--uid", "nobody", "probe1", "--port", str(free_port()))
        self.assertEqual(status(daemon.pid, "Uid"), [str(self.nobody.pw_uid)] * 4)
        self.assertEqual(status(daemon.pid, "Gid"), [str(self.nobody.pw_gid)] * 4)
        self.assertNotIn("0", status(daemon.pid, "Groups"))
        self.assertEqual(status(daemon.pid, "CapEff"), ["0" * 16])

    def test_threads_of_all_workers_drop_too(self):
        daemon = self.foreground("--workers", "3", "--uid", "nobody", "--no-new-privileges", "probe1", "--port", "0")
        tasks = os.listdir(f"/proc/{daemon.pid}/task")
        self.assertGreaterEqual(len(tasks), 3)
        for task in tasks:
            self.assertEqual(status(f"{daemon.pid}/task/{task}", "Uid"), [str(self.nobody.pw_uid)] * 4)
            self.assertEqual(status(f"{daemon.pid}/task/{task}", "NoNewPrivs"), ["1"])

    def test_effective_user_only(self):
        daemon = self.foreground("--uid", "nobody", "--euid", "probe1", "--port", "0")
        self.assertEqual(status(daemon.pid, "Uid")[:3], ["0", str(self.nobody.pw_uid), "0"])

    def test_log_is_handed_over_and_rotates_after_the_change(self):
        os.chown(self.folder, self.nobody.pw_uid, -1)
        pid = self.background("--uid", "nobody", "probe1", "--port", "0")
        log = self.path("twistdpp.log")
        self.assertEqual(os.stat(log).st_uid, self.nobody.pw_uid)
        os.rename(log, log + ".1")
        os.kill(pid, signal.SIGUSR1)
        wait_for(lambda: "logs reopened" in read(log), "the new log")
        self.assertEqual(os.stat(log).st_uid, self.nobody.pw_uid)

    def test_rotation_in_a_folder_of_roots_fails_loudly(self):
        pid = self.background("--uid", "nobody", "probe1", "--port", "0")
        log = self.path("twistdpp.log")
        os.rename(log, log + ".1")
        os.kill(pid, signal.SIGUSR1)
        wait_for(lambda: "Permission denied; the old file stays in use" in read(log + ".1"), "the complaint")

    def test_pidfile_it_may_not_remove_is_emptied(self):
        pid = self.background("--uid", "nobody", "probe1", "--port", "0")
        self.stop(pid)
        wait_for(lambda: read(self.path("twistdpp.pid")) == "", "the empty pidfile")
        self.background("--uid", "nobody", "probe1", "--port", "0")


@root_only
class Chroot(DaemonTest):
    def setUp(self):
        super().setUp()
        self.jail = self.path("jail")
        os.mkdir(self.jail)

    def test_starts_without_dev_null_inside(self):
        pid = self.background("--chroot", self.jail, "probe1", "--port", "0")
        self.assertEqual(os.readlink(f"/proc/{pid}/root"), os.path.realpath(self.jail))
        self.assertEqual(sorted(os.listdir(self.jail)), ["twistdpp.log", "twistdpp.pid"])
        self.stop(pid)
        wait_for(lambda: not os.path.exists(self.jail + "/twistdpp.pid"), "the pidfile's end, from inside")

    def test_a_second_start_with_the_same_pidfile_is_refused(self):
        pidfile = self.path("x.pid")
        pid = self.background("--chroot", self.jail, "--pidfile", pidfile, "probe1", "--port", "0")
        result = self.run_daemon("--chroot", self.jail, "--pidfile", pidfile, "probe1", "--port", "0")
        self.assert_fails(result, 75, f"runs already as process {pid}")

    def test_log_rotates_inside(self):
        pid = self.background("--chroot", self.jail, "--uid", "nobody", "--logfile", self.path("out.log"), "probe1",
                              "--port", "0")
        os.chown(self.folder, pwd.getpwnam("nobody").pw_uid, -1)
        os.rename(self.path("out.log"), self.path("out.log.1"))
        os.kill(pid, signal.SIGUSR1)
        wait_for(lambda: "logs reopened" in read(self.path("out.log")), "the new log outside of the jail")

    def test_the_groups_are_those_of_the_system_and_not_of_the_jail(self):
        name = f"tdpg{os.getpid()}"
        subprocess.run(["groupadd", name], check=True, capture_output=True)
        self.addCleanup(subprocess.run, ["groupdel", name], capture_output=True, check=False)
        subprocess.run(["useradd", "--no-create-home", "-N", "-g", "nogroup", "-G", name, name], check=True,
                       capture_output=True)
        self.addCleanup(subprocess.run, ["userdel", name], capture_output=True, check=False)
        os.mkdir(self.jail + "/etc")
        with open(self.jail + "/etc/group", "w", encoding="ascii") as file:
            file.write(f"root:x:0:{name}\n")
        daemon = self.foreground("--chroot", self.jail, "--uid", name, "probe1", "--port", "0")
        groups = {grp.getgrnam("nogroup").gr_gid, grp.getgrnam(name).gr_gid}
        self.assertEqual({int(group) for group in status(daemon.pid, "Groups")}, groups)

    def test_missing_folder(self):
        self.assert_fails(self.run_daemon("--chroot", self.path("none"), "probe1"), 71, "--chroot", "No such file")


if __name__ == "__main__":
    run_tests()
