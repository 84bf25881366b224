"""The load generators: those of Debian, and our own small ones, which are compiled when that is needed."""
import os
import shutil
import subprocess

from . import processes


class Clients:
    def __init__(self, sources, folder):
        self.sources = sources
        self.folder = folder

    @staticmethod
    def find(name):
        return shutil.which(name)

    def own(self, name):
        source = os.path.join(self.sources, name + ".cpp")
        program = os.path.join(self.folder, name)
        if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
            os.makedirs(self.folder, exist_ok=True)
            compiler = os.environ.get("CXX", "c++")
            subprocess.run([compiler, "-std=c++20", "-O2", "-pthread", source, "-o", program, "-lssl", "-lcrypto"],
                           check=True)
        return program


def output(command, seconds):
    """What a client prints that runs on the client's core for `seconds`."""
    with processes.on_core(processes.CLIENT_CORE):
        result = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {result.stderr.strip() or result.stdout.strip()}")
    return result.stdout
