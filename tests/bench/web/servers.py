"""The servers side by side: each with one worker, no access log, and the settings that suit it best."""
import os
import shutil
import socket
import subprocess
import time

from harness import server


class Server(server.Server):
    """A server over `site`."""

    # Connections that it must make room for: nginx reserves memory for all of them.
    room = 1024

    def __init__(self, program, site, folder):
        super().__init__(program, folder)
        self.site = site
        self.tls_port = server.free_port()

    def command(self, tls):
        """Writes the configuration and gives the command line."""
        raise NotImplementedError

    def answers(self, port):
        """Waits, awake, until it takes connections."""
        end = time.monotonic() + 10
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), 20)
            except ConnectionRefusedError:
                self.still_starting(end)

    def start(self, tls=True):
        self.spawn(self.command(tls))
        self.answers(self.port).close()
        if tls:
            self.answers(self.tls_port).close()

    def url(self, path, tls=False):
        return f"https://127.0.0.1:{self.tls_port}{path}" if tls else f"http://127.0.0.1:{self.port}{path}"


class Twistdpp(Server):
    name = "twistdpp"

    def version(self):
        return subprocess.run([self.program, "--version"], capture_output=True, text=True).stdout.strip()

    def command(self, tls):
        command = [self.program, "-n", "web", "--path", self.site.root,
                   "--port", f"tcp:{self.port}:interface=127.0.0.1"]
        if tls:
            command += ["--port", f"ssl:{self.tls_port}:interface=127.0.0.1:privateKey={self.site.key}"
                                  f":certKey={self.site.certificate}"]
        return command


class Nginx(Server):
    name = "nginx"

    def version(self):
        text = subprocess.run([self.program, "-v"], capture_output=True, text=True).stderr
        return text.strip().replace("nginx version: ", "")

    def command(self, tls):
        own = f"{self.folder}/temp"
        os.makedirs(own, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(own, "www-data")
        temporary = "\n".join(f"    {kind}_temp_path {own}/{kind};"
                              for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        listen_tls = f"""
        listen 127.0.0.1:{self.tls_port} ssl backlog=4096;
        ssl_certificate {self.site.certificate};
        ssl_certificate_key {self.site.key};
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_cache shared:sessions:1m;""" if tls else ""
        # It closes idle connections when only a sixteenth is left.
        spacious = self.room * 5 // 4
        # What suits it best differs with the size. Small: a read and one write beat sendfile between two setsockopt
        # calls, which moreover hold back pipelined answers. Large: reads into large buffers beat its sendfile, which
        # goes in smaller steps.
        return [self.program, "-p", self.folder, "-c", self.write("nginx.conf", f"""\
daemon off;
pid {self.folder}/pid;
error_log stderr error;
worker_processes 1;
worker_rlimit_nofile {spacious + 64};
events {{
    worker_connections {spacious};
}}
http {{
    default_type application/octet-stream;
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 300s;
    keepalive_requests 1000000000;
    open_file_cache max=1000 inactive=300s;
    open_file_cache_valid 300s;
{temporary}
    server {{
        listen 127.0.0.1:{self.port} backlog=4096;{listen_tls}
        root {self.site.root};
        location = {self.site.small} {{
            sendfile off;
            tcp_nopush off;
            output_buffers 1 128k;
        }}
        location = {self.site.large} {{
            sendfile off;
            output_buffers 2 512k;
        }}
    }}
}}
""")]


class Lighttpd(Server):
    name = "lighttpd"

    def version(self):
        return subprocess.run([self.program, "-v"], capture_output=True, text=True).stdout.split(" (")[0].strip()

    def command(self, tls):
        socket_tls = f"""
server.modules = ("mod_openssl")
$SERVER["socket"] == "127.0.0.1:{self.tls_port}" {{
    ssl.engine = "enable"
    ssl.pemfile = "{self.site.certificate}"
    ssl.privkey = "{self.site.key}"
}}""" if tls else "server.modules = ()"
        return [self.program, "-D", "-f", self.write("lighttpd.conf", f"""\
server.document-root = "{self.site.root}"
server.bind = "127.0.0.1"
server.port = {self.port}
server.event-handler = "linux-sysepoll"
server.network-backend = "sendfile"
server.stat-cache-engine = "simple"
server.max-fds = {2 * self.room + 64}
server.max-connections = {self.room}
server.listen-backlog = 4096
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = 300
mimetype.assign = ("" => "application/octet-stream")
{socket_tls}
""")]


KINDS = {kind.name: kind for kind in (Twistdpp, Nginx, Lighttpd)}
