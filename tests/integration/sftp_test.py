"""SFTP without SSH: OpenSSH's client starts the example as its server."""
import os
import random
import shutil
import stat
import subprocess
import unittest
from support.daemon import PATIENCE, DaemonTest, run_tests

SERVER = os.path.join(os.environ.get("TWISTDPP_EXAMPLES", ""), "sftp_stdio")


@unittest.skipUnless(os.access(SERVER, os.X_OK), "the examples were not built")
@unittest.skipUnless(shutil.which("sftp"), "sftp is not installed")
class Sftp(DaemonTest):
    def setUp(self):
        super().setUp()
        self.root = self.path("root")
        os.makedirs(os.path.join(self.root, "in"))
        self.data = random.randbytes(3_000_000)
        with open(os.path.join(self.root, "in/data"), "wb") as file:
            file.write(self.data)
        with open(self.path("beside"), "wb") as file:
            file.write(b"outside")

    @staticmethod
    def get(path):
        with open(path, "rb") as file:
            return file.read()

    def sftp(self, *commands, code=0, **environment):
        done = subprocess.run(["sftp", "-q", "-b", "-", "-D", f"{SERVER} {self.root}"], input="\n".join(commands) + "\n", text=True,
                              capture_output=True, timeout=4 * PATIENCE, cwd=self.folder, env=self.environment(**environment), check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stderr if code else done.stdout

    def test_files_go_both_ways(self):
        self.sftp("put beside renamed", "get in/data back", "put back up", "-mkdir in", "mkdir made", "rename up made/up",
                  "chmod 600 made/up", "ln -s made/up link", "ln made/up hard", "rm renamed")
        up = os.path.join(self.root, "made/up")
        for path in (self.path("back"), up):
            self.assertEqual(self.get(path), self.data)
        self.assertEqual(stat.S_IMODE(os.stat(up).st_mode), 0o600)
        self.assertEqual(os.readlink(os.path.join(self.root, "link")), "made/up")
        self.assertTrue(os.path.samefile(up, os.path.join(self.root, "hard")))
        self.assertEqual(sorted(os.listdir(self.root)), ["hard", "in", "link", "made"])

    def test_whole_trees(self):
        for number in range(30):
            os.makedirs(self.path(f"tree/{number % 4}"), exist_ok=True)
            with open(self.path(f"tree/{number % 4}/file {number}"), "wb") as file:
                file.write(random.randbytes(number * 5000))
        self.sftp("put -Rp tree", "get -Rp tree again")
        for there in (os.path.join(self.root, "tree"), self.path("again")):
            self.assertEqual(subprocess.run(["diff", "-r", self.path("tree"), there], check=False).returncode, 0)

    def test_what_was_cut_is_gone_on_with(self):
        with open(self.path("half"), "wb") as file:
            file.write(self.data[:1_234_567])
        with open(os.path.join(self.root, "half"), "wb") as file:
            file.write(self.data[:765_432])
        shutil.copy(os.path.join(self.root, "in/data"), self.path("whole"))
        self.sftp("reget in/data half", "reput whole half")
        for path in (self.path("half"), os.path.join(self.root, "half")):
            self.assertEqual(self.get(path), self.data)

    def test_lists(self):
        os.symlink("in/data", os.path.join(self.root, "link"))
        self.assertEqual(self.sftp("ls -1").splitlines()[-2:], ["in", "link"])
        self.assertRegex(self.sftp("ls -ln in"), r"-rw-\S+ +\S+ +\w+ +\w+ +3000000 .* in/data")
        self.assertRegex(self.sftp("df"), r"(?s)Capacity.*\d+%")
        self.assertIn("Remote working directory: /in", self.sftp("cd in", "pwd"))

    def test_nothing_leads_out(self):
        os.symlink("../beside", os.path.join(self.root, "out"))
        for command in ("get ../beside x", "get out x", "ls /../../beside", "put beside out/x", "put root/in/data out"):
            self.sftp(command, code=1)
        self.assertEqual(self.get(self.path("beside")), b"outside")

    def test_a_server_that_only_gives(self):
        self.sftp("get in/data back", READONLY="1")
        self.assertIn("Permission denied", self.sftp("rm in/data", code=1, READONLY="1"))
        self.assertTrue(os.path.exists(os.path.join(self.root, "in/data")))

    def test_rubbish_ends_it(self):
        done = subprocess.run([SERVER, self.root], input=b"\xff" * 1000, capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, b""))


if __name__ == "__main__":
    run_tests()
