"""What holds for every service folder: it is in the binary, its README tells of every option, its example
configuration is in order."""
import glob
import os
import re

from support.daemon import DaemonTest, run_tests

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def folders():
    return sorted(os.path.basename(os.path.dirname(path)) for path in glob.glob(ROOT + "/services/*/service.cpp"))


class Services(DaemonTest):
    def test_the_binary_has_those_of_the_folders_and_no_others(self):
        text = self.run_daemon("--help", plugin=False).stdout
        listed = text.split("tells more):\n")[1].split("\n\n")[0]
        self.assertEqual(re.findall(r"(?m)^  (\S+)", listed), folders())

    def test_every_option_is_in_the_readme(self):
        for name in folders():
            with open(f"{ROOT}/services/{name}/README.md", encoding="utf-8") as file:
                readme = file.read()
            options = re.findall(r"(?m)^ +(?:-\w, )*(--[a-z-]+)", self.run_daemon(name, "--help", plugin=False).stdout)
            self.assertGreater(len(options), 0)
            for option in options:
                with self.subTest(service=name, option=option):
                    self.assertRegex(readme, re.escape(option) + r"(?![a-z-])")

    def test_every_example_configuration_is_in_order(self):
        files = sorted(glob.glob(ROOT + "/config/*.toml"))
        self.assertEqual([os.path.basename(path)[:-5] for path in files], folders())
        for path in files:
            with self.subTest(path=path):
                # Who runs the tests need not be root, and the example's folder need not be there.
                env = self.environment(TWISTDPP_UID="", TWISTDPP_WEB_PATH=self.folder,
                                       TWISTDPP_WEB_LOGFILE="-")
                result = self.run_daemon("--config", path, "--check", plugin=False, env=env)
                self.assertEqual((result.returncode, result.stderr), (0, ""))


if __name__ == "__main__":
    run_tests()
