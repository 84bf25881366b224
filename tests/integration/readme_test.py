"""What README.md shows works as it stands there: its service builds as a plugin and serves, its echo server builds, and
the man pages made from the services' READMEs are well-formed."""
import glob
import os
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

from support.daemon import DAEMON, DaemonTest, Foreground, run_tests

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.dirname(os.path.dirname(os.path.abspath(DAEMON)))


def code_blocks():
    with open(ROOT + "/README.md", encoding="utf-8") as file:
        return re.findall(r"```cpp\n(.*?)```", file.read(), re.S)


def cached(name):
    with open(BUILD + "/CMakeCache.txt", encoding="utf-8") as file:
        found = re.search(rf"(?m)^{name}:\w+=(.*)$", file.read())
    return found.group(1) if found else ""


def compile_command(*arguments):
    command = [cached("CMAKE_CXX_COMPILER") or "c++", "-std=c++20", "-Wall", "-Wextra", "-Werror", "-O0",
               "-fno-omit-frame-pointer"]
    if cached("TWISTDPP_SANITIZE"):
        command.append("-fsanitize=" + cached("TWISTDPP_SANITIZE"))
    for layer in sorted(glob.glob(BUILD + "/include/*")):
        command += ["-I", layer]
    return command + list(arguments)


class Readme(DaemonTest):
    def compile(self, source, *arguments):
        path = self.path("block.cpp")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        result = subprocess.run(compile_command(path, *arguments), capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_the_echo_server_builds(self):
        block = next(block for block in code_blocks() if "class EchoServer" in block)
        self.assertLessEqual(len(block.strip().splitlines()), 20)
        self.compile(block, "-fsyntax-only")

    def test_the_service_in_40_lines_builds_as_a_plugin_and_serves(self):
        block = next(block for block in code_blocks() if "TWISTDPP_SERVICE" in block)
        self.assertLessEqual(len(block.strip().splitlines()), 41)
        plugin = self.path("libdaytime.so")
        block = '#include "twistdpp/app/plugin_loader.h"\n' + block + "\nTWISTDPP_PLUGIN\n"
        self.compile(block, "-shared", "-fPIC", "-o", plugin)
        daemon = self.foreground("--plugin", plugin, "daytime", "--port", "tcp:0:interface=127.0.0.1")
        with daemon.connect() as client:
            text = b""
            while piece := client.recv(100):
                text += piece
        self.assertRegex(text, rb"^\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}\n$")


class ManPages(unittest.TestCase):
    def test_one_for_the_daemon_and_one_for_each_service(self):
        folder = tempfile.mkdtemp(prefix="twistdpp-")
        self.addCleanup(shutil.rmtree, folder)
        subprocess.run([ROOT + "/packaging/man/make-man", "--daemon", DAEMON, folder], check=True)
        services = [os.path.basename(os.path.dirname(path)) for path in glob.glob(ROOT + "/services/*/service.cpp")]
        self.assertEqual(sorted(os.listdir(folder)), sorted(["twistdpp.8", *(f"twistdpp-{name}.8" for name in services)]))
        for name in os.listdir(folder):
            with self.subTest(page=name), open(os.path.join(folder, name), encoding="utf-8") as file:
                page = file.read()
                for section in ("NAME", "SYNOPSIS", "OPTIONS", "EXAMPLES"):
                    self.assertRegex(page, rf"(?m)^\.SH {section}$")
                self.assertNotRegex(page, r"(?m)^'", "a line that begins with a quote is a command to the formatter")


if __name__ == "__main__":
    run_tests()
