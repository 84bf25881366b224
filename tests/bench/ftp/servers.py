"""The servers side by side, on loopback, each with a folder of its own in which the anonymous may do everything."""
import os
import subprocess

from harness import server

from . import cases


def touch_memory(folder):
    """A virtual machine is given its memory when it is first written to, which takes several times as long as a file's bytes:
    no server shall be the first."""
    block = bytes(1 << 20)
    path = os.path.join(folder, "memory")
    with open(path, "wb") as file:
        for _ in range(6 * cases.LARGE_MIB):
            file.write(block)
    os.unlink(path)


class Server(server.Server):
    tls = True
    root = None

    def start(self):
        if not self.root:
            self.prepare()
        self.spawn(self.command())
        self.greeted(self.port)

    def prepare(self):
        for folder in (os.path.dirname(self.folder), self.folder):
            os.chmod(folder, 0o755)
        self.root = os.path.join(self.folder, "root")
        os.makedirs(os.path.join(self.root, "up"))
        block = os.urandom(1 << 20)
        with open(os.path.join(self.root, "large"), "wb") as file:
            for _ in range(cases.LARGE_MIB):
                file.write(block)
        for number in range(100):
            with open(os.path.join(self.root, f"f{number}"), "wb") as file:
                file.write(block[:1024])
        # vsftpd has no root that can be written to.
        os.chmod(os.path.join(self.root, "up"), 0o777)
        self.certificate = os.path.join(self.folder, "cert.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        self.certificate, "-out", self.certificate + ".crt", "-days", "2", "-subj", "/CN=localhost"], check=True,
                       capture_output=True)
        with open(self.certificate + ".crt", encoding="ascii") as crt, open(self.certificate, "a", encoding="ascii") as both:
            both.write(crt.read())

    def command(self):
        raise NotImplementedError


class Twistdpp(Server):
    name = "twistdpp"

    def version(self):
        return subprocess.run([self.program, "--version"], capture_output=True, text=True).stdout.strip()

    def command(self):
        # The others are told to log no transfers either.
        return [self.program, "--log-level", "warn", "-n", "ftp", "--port", f"tcp:{self.port}:interface=127.0.0.1", "--root", self.root, "--anonymous-write",
                "--tls-cert", self.certificate]


class Vsftpd(Server):
    name = "vsftpd"

    def version(self):
        return subprocess.run(["dpkg-query", "-W", "-f=${Version}", "vsftpd"], capture_output=True, text=True).stdout.strip()

    def command(self):
        if os.getuid():
            raise RuntimeError("vsftpd is started by root alone")
        os.makedirs("/var/run/vsftpd/empty", exist_ok=True)
        self.write("vsftpd.conf", f"""\
listen=YES
listen_ipv6=NO
background=NO
listen_address=127.0.0.1
listen_port={self.port}
anonymous_enable=YES
local_enable=NO
anon_root={self.root}
allow_writeable_chroot=YES
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_umask=022
xferlog_enable=NO
max_clients=0
max_per_ip=0
secure_chroot_dir=/var/run/vsftpd/empty
seccomp_sandbox=NO
ssl_enable=YES
allow_anon_ssl=YES
force_anon_data_ssl=NO
force_anon_logins_ssl=NO
rsa_cert_file={self.certificate}
rsa_private_key_file={self.certificate}
ssl_ciphers=HIGH
require_ssl_reuse=YES
""")
        return [self.program, os.path.join(self.folder, "vsftpd.conf")]


class Pyftpdlib(Server):
    """Python's, in one process, as its manual has it."""
    name = "pyftpdlib"
    program_name = "/usr/bin/python3"
    tls = False

    def version(self):
        return subprocess.run([self.program, "-c", "import pyftpdlib; print(pyftpdlib.__ver__)"], capture_output=True,
                              text=True).stdout.strip()

    def command(self):
        return [self.program, "-c", f"""
import logging
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
logging.basicConfig(level=logging.ERROR)
authorizer = DummyAuthorizer()
authorizer.add_anonymous({self.root!r}, perm="elradfmwMT")
FTPHandler.authorizer = authorizer
server = FTPServer(("127.0.0.1", {self.port}), FTPHandler)
server.max_cons = 5000
server.serve_forever()
"""]


KINDS = {kind.name: kind for kind in (Twistdpp, Vsftpd, Pyftpdlib)}
