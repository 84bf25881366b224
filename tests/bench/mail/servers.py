"""The servers side by side, on loopback, each promising that what it has accepted is on the disk.

Mail for example.com Postfix throws away once it has it, which spares it the delivery; twistdpp delivers to a Maildir. Mail for
elsewhere.test both send on to Postfix's smtp-sink, which runs on the client's core.
"""
import os
import re
import smtplib
import subprocess
import time

from harness import processes, server


class Sink:
    """Postfix's smtp-sink, which counts what has come."""

    def __init__(self, folder):
        self.port = server.free_port()
        self.path = os.path.join(folder, "sink")
        user = ["-u", "nobody"] if os.getuid() == 0 else []
        with open(self.path, "wb") as out:
            self.process = subprocess.Popen(["smtp-sink", *user, "-c", f"127.0.0.1:{self.port}", "1000"], stdout=out,
                                            stderr=subprocess.DEVNULL)

    def count(self):
        with open(self.path, "rb") as file:
            file.seek(max(0, os.path.getsize(self.path) - 200))
            found = re.findall(rb"mesg=(\d+)\r", file.read())
        return int(found[-1]) if found else 0

    def stop(self):
        self.process.kill()
        self.process.wait()


class Server(server.Server):
    sink = None  # for the mail that is sent on

    def start(self, patience=20):
        self.spawn(self.command())
        end = time.monotonic() + patience
        while True:
            try:
                with smtplib.SMTP("127.0.0.1", self.port, timeout=5):
                    return
            except OSError:
                self.still_starting(end)
                time.sleep(0.05)

    def command(self):
        raise NotImplementedError

    def kept(self):
        """How many messages it has, None when it keeps none."""
        return None


class Twistdpp(Server):
    name = "twistdpp"

    def version(self):
        return subprocess.run([self.program, "--version"], capture_output=True, text=True).stdout.strip()

    def command(self):
        return [self.program, "-n", "mail", "--no-pop3", "--no-imap", "--smtp", f"tcp:{self.port}:interface=127.0.0.1:backlog=4096",
                "--hostname", "bench.test", "--relay", f"{self.folder}/relay", "--relay-via", f"127.0.0.1:{self.sink.port}",
                "-d", f"example.com={self.folder}/mail", "-u", "joe=password"]

    def kept(self):
        folder = os.path.join(self.folder, "mail", "joe", "new")
        return len(os.listdir(folder)) if os.path.isdir(folder) else 0


class Postfix(Server):
    name = "postfix"

    def version(self):
        return subprocess.run(["/usr/sbin/postconf", "-hd", "mail_version"], capture_output=True, text=True).stdout.strip()

    def command(self):
        """Debian's own services, one port, no chroot, no limit on connections; master runs in the foreground."""
        if os.getuid():
            raise RuntimeError("postfix is started by root alone")
        config = os.path.join(self.folder, "etc")
        queue, data = os.path.join(self.folder, "queue"), os.path.join(self.folder, "data")
        for folder in (config, queue, data):
            os.makedirs(folder, exist_ok=True)
        subprocess.run(["chown", "postfix", data], check=True)
        # Its processes are of another user, who has to come this far.
        for folder in (os.path.dirname(self.folder), self.folder):
            os.chmod(folder, 0o755)
        self.write("etc/main.cf", f"""\
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
myhostname = bench.test
mydestination = example.com
local_recipient_maps =
local_transport = discard:
relayhost = [127.0.0.1]:{self.sink.port}
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
maillog_file = /var/log/twistdpp-bench-postfix.log
""")
        with open("/usr/share/postfix/master.cf.dist", encoding="utf-8") as file:
            services = file.read()
        services = re.sub(r"^smtp +inet", f"{self.port} inet", services, flags=re.M)
        # The fifth word says whether a service is in a chroot, which has no files here.
        services = re.sub(r"^([a-z0-9]\S*\s+(?:inet|unix|unix-dgram)\s+\S+\s+\S+\s+)\S+", r"\1n", services, flags=re.M)
        self.write("etc/master.cf", services)
        subprocess.run(["/usr/sbin/postfix", "-c", config, "check"], capture_output=True, check=False)
        return ["/usr/lib/postfix/sbin/master", "-c", config, "-d"]


KINDS = {kind.name: kind for kind in (Twistdpp, Postfix)}
