"""The command line: help, refusals, and exit statuses a script can rely on (twistd answers most mistakes with 0)."""
import os

from support.daemon import DaemonTest, PROBE, STRANGER, run_tests

USAGE, NO_INPUT, CONFIG = 64, 66, 78


class CommandLine(DaemonTest):
    def test_help_lists_the_services_with_a_line_each(self):
        result = self.run_daemon("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r"\n  probe1 +The first probe\n")
        self.assertIn("twistdpp -n web --port tcp:8080 --path .", result.stdout)

    def test_no_arguments_print_the_help(self):
        result = self.run_daemon(plugin=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertTrue(result.stdout.startswith("Usage: twistdpp "))

    def test_a_service_has_a_help_of_its_own(self):
        result = self.run_daemon("probe1", "--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("--journal TEXT", result.stdout)
        self.assertNotIn("--pidfile", result.stdout)

    def test_version(self):
        self.assertRegex(self.run_daemon("--version").stdout, r"^twistdpp \d+\.\d+\.\d+\n$")

    def test_reactors_and_checkers_are_listed(self):
        self.assertRegex(self.run_daemon("--help-reactors").stdout, r"\n  uv +\S")
        self.assertRegex(self.run_daemon("--help-auth").stdout, r"\n +file +\S")
        self.assertIn("--auth file:", self.run_daemon("--help-auth-type", "file").stdout)
        self.assert_fails(self.run_daemon("--help-auth-type", "nope"), USAGE, "nope", "file")

    def test_unknown_option(self):
        self.assert_fails(self.run_daemon("--nodeamon", "probe1"), USAGE, "there is no option --nodeamon",
                          "did you mean --nodaemon?")

    def test_unknown_option_of_a_service(self):
        self.assert_fails(self.run_daemon("probe1", "--prot", "1"), USAGE, "--prot", "did you mean --port?")

    def test_unknown_service(self):
        self.assert_fails(self.run_daemon("-n", "wbe"), USAGE, "there is no service 'wbe'", "probe1")

    def test_no_service(self):
        self.assert_fails(self.run_daemon("-n"), USAGE, "name a service")

    def test_bad_values(self):
        for arguments, text in ((["--umask", "99"], "--umask '99' is no octal"),
                                (["--reactor", "nope"], "nope"),
                                (["--workers", "many"], "--workers 'many' is no whole number"),
                                (["--shutdown-timeout", "soon"], "--shutdown-timeout 'soon' is no time"),
                                (["--log-level", "loud"], "--log-level 'loud' is no log level"),
                                (["--profiler", "hotshot"], "--profiler 'hotshot' is none of cpu")):
            with self.subTest(arguments=arguments):
                self.assert_fails(self.run_daemon("-n", *arguments, "probe1"), USAGE, text)

    def test_options_that_exclude_each_other(self):
        self.assert_fails(self.run_daemon("--logfile", "-", "probe1"), USAGE, "--logfile - needs -n")
        self.assert_fails(self.run_daemon("-n", "--syslog", "--logfile", "x", "probe1"), USAGE, "choose one")

    def test_python_options_say_what_to_use(self):
        for arguments in (["--spew"], ["-b"], ["-y", "x.py"], ["-f", "x.tap"], ["-s", "x.tas"], ["-e"], ["-o"],
                          ["--logger", "x"]):
            with self.subTest(arguments=arguments):
                self.assert_fails(self.run_daemon(*arguments, "probe1"), USAGE, ": ")

    def test_check_makes_the_services_and_leaves_no_trace(self):
        result = self.run_daemon("--check", "probe1", "--port", "1", "--journal", self.path("journal"))
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(os.listdir(self.folder), [])
        self.assert_fails(self.run_daemon("--check", "probe1", "--fail-at", "make"), 69,
                          "probe1: told to fail at make")

    def test_a_plugin_that_is_none(self):
        with open(self.path("x.so"), "w", encoding="ascii") as file:
            file.write("text")
        self.assert_fails(self.run_daemon("--plugin", "x.so", "probe1"), NO_INPUT, "plugin x.so")
        self.assert_fails(self.run_daemon("--plugin", STRANGER, "probe1"), NO_INPUT, "built for plugin interface 2")


class ConfigurationFile(DaemonTest):
    def write(self, text):
        with open(self.path("site.toml"), "w", encoding="ascii") as file:
            file.write(text)
        return self.path("site.toml")

    def test_runs_its_sections(self):
        config = self.write("log-level = 'debug'\n[probe1]\nport = 0\n[probe2]\nport = 0\n")
        daemon = self.foreground("--config", config)
        self.assertRegex(daemon.log, r"ready: probe1 on tcp 127\.0\.0\.1:\d+; probe2 on tcp 127\.0\.0\.1:\d+ \(pid")
        self.assertEqual(daemon.stop(), -15)

    def test_command_line_wins_over_environment_over_file(self):
        config = self.write("[probe1]\nport = 0\nword = 'from the file'\n")
        for env, arguments, word in (({}, (), b"from the file"),
                                     ({"TWISTDPP_PROBE1_WORD": "environment"}, (), b"environment"),
                                     ({"TWISTDPP_PROBE1_WORD": "environment"}, ("--word", "command"), b"command")):
            daemon = self.foreground("--config", config, "probe1", *arguments, env=self.environment(**env))
            with daemon.connect() as client:
                self.assertEqual(client.recv(100), word)
            daemon.stop()

    def test_a_plugin_may_be_named_in_the_environment_and_in_the_file(self):
        env = self.environment(TWISTDPP_PLUGIN=PROBE)
        result = self.run_daemon("--check", "probe1", plugin=False, env=env)
        self.assertEqual(result.returncode, 0, result.stderr)
        config = self.write(f"plugin = '{PROBE}'\n[probe1]\nport = 0\n")
        self.assertEqual(self.run_daemon("--check", "--config", config, plugin=False).returncode, 0)
        env = self.environment(TWISTDPP_PLUGIN=self.path("none.so"))
        self.assert_fails(self.run_daemon("--check", "--config", config, plugin=False, env=env), NO_INPUT, "none.so")

    def test_mistakes_name_file_and_line(self):
        self.assert_fails(self.run_daemon("--config", self.write("[probe1]\nprot = 1\n")), CONFIG, "site.toml:2:",
                          "did you mean --port?")
        self.assert_fails(self.run_daemon("--config", self.write("[prob1]\n")), CONFIG, "site.toml:1:",
                          "there is no service 'prob1'")
        self.assert_fails(self.run_daemon("--config", self.write("[probe1]\n[prob2]\n"), "probe1"), CONFIG,
                          "site.toml:2:", "there is no service 'prob2'")
        self.assert_fails(self.run_daemon("--config", self.write("[probe1\n")), CONFIG, "site.toml:1:")
        self.assert_fails(self.run_daemon("--config", self.write("workers = many\n[probe1]\n")), CONFIG, "site.toml:1:")
        self.assert_fails(self.run_daemon("--config", self.write("[web]\nidle-timeout = ever\n")), CONFIG,
                          "site.toml:2:")
        self.assert_fails(self.run_daemon("--config", self.path("none")), NO_INPUT, "No such file")


if __name__ == "__main__":
    run_tests()
