"""twistdpp web with real clients: curl, and sockets where a client has to misbehave."""
import gzip
import hashlib
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import time

from support.daemon import DaemonTest, read, run_tests, wait_for

MIB = 1 << 20


class Web(DaemonTest):
    def setUp(self):
        super().setUp()
        self.root = self.path("root")
        os.mkdir(self.root)

    def put(self, name, content):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        return content

    def serve(self, *options, daemon_options=(), **more):
        daemon = self.foreground(*daemon_options, "web", "--port", "tcp:0:interface=127.0.0.1", "--path", self.root,
                                 *options, **more)
        self.url = "http://%s:%d/" % daemon.address()
        return daemon

    def curl(self, path, *arguments, code=0):
        result = subprocess.run(["curl", "-sS", "--max-time", "60", *arguments, self.url + path], capture_output=True,
                                check=False)
        self.assertEqual(result.returncode, code, result.stderr.decode())
        return result.stdout

    def exchange(self, daemon, request, end=b""):
        """Sends raw bytes and reads until the server closes, or `end` is there."""
        with daemon.connect() as client:
            client.sendall(request)
            answer = b""
            while not (end and end in answer):
                block = client.recv(65536)
                if not block:
                    break
                answer += block
        return answer


class Files(Web):
    def test_curl_gets_what_the_file_holds(self):
        self.serve()
        for size in (0, 1, 1000, 32 * 1024, 32 * 1024 + 1, 3 * MIB):
            with self.subTest(size=size):
                content = self.put(f"{size}.bin", os.urandom(size))
                self.assertEqual(self.curl(f"{size}.bin"), content)
                self.assertEqual(self.curl(f"{size}.bin"), content, "and again from the cache")

    def test_a_change_is_seen_within_two_seconds(self):
        self.serve()
        self.put("page.txt", b"old")
        self.assertEqual(self.curl("page.txt"), b"old")
        self.put("page.txt", b"new content")
        wait_for(lambda: self.curl("page.txt") == b"new content", "the new content", 3)

    def test_a_range_is_resumed_only_when_the_file_is_the_same(self):
        self.serve()
        content = self.put("big.bin", os.urandom(2 * MIB))
        part = self.path("part")
        with open(part, "wb") as file:
            file.write(content[:MIB])
        self.curl("big.bin", "-C", "-", "-o", part)
        with open(part, "rb") as file:
            self.assertEqual(hashlib.sha256(file.read()).digest(), hashlib.sha256(content).digest())
        self.assertEqual(self.curl("big.bin", "-r", "10-19", "-H", 'If-Range: "another"'), content)

    def test_conditional_requests(self):
        self.serve()
        self.put("a.txt", b"text")
        head = self.curl("a.txt", "-I").decode()
        etag = re.search(r"ETag: (\S+)", head).group(1)
        self.assertIn("304", self.curl("a.txt", "-o", self.path("x"), "-w", "%{http_code}", "-H", f"If-None-Match: {etag}").decode())
        self.assertIn("412", self.curl("a.txt", "-o", self.path("x"), "-w", "%{http_code}", "-H", 'If-Match: "no"').decode())

    def test_compressed_on_the_fly_and_from_a_sibling(self):
        self.serve()
        text = self.put("long.txt", b"all work and no play\n" * 1000)
        self.assertEqual(self.curl("long.txt", "--compressed"), text)
        raw = self.curl("long.txt", "-H", "Accept-Encoding: gzip")
        self.assertLess(len(raw), len(text) // 10)
        self.assertEqual(gzip.decompress(raw), text)
        self.put("made.js", b"let x = 1;" * 200)
        self.put("made.js.gz", gzip.compress(b"from the sibling"))
        self.assertEqual(self.curl("made.js", "--compressed", "-H", "Accept-Encoding: gzip"), b"from the sibling")

    def test_listing_for_people_and_for_programs(self):
        self.serve()
        self.put("sub/<b>&\".txt", b"x")
        page = self.curl("sub/").decode()
        self.assertIn("&lt;b&gt;&amp;&quot;.txt", page)
        self.assertNotIn("<b>", page)
        listed = json.loads(self.curl("sub/", "-H", "Accept: application/json"))
        self.assertEqual([entry["name"] for entry in listed["entries"]], ["<b>&\".txt"])
        self.assertEqual(self.curl("sub/" + listed["entries"][0]["href"]), b"x")
        self.assertIn("301", self.curl("sub?q=1", "-o", self.path("x"), "-w", "%{http_code} %{redirect_url}").decode())

    def test_names_that_are_not_utf8(self):
        self.serve()
        with open(os.fsencode(self.root) + b"/caf\xe9.txt", "wb") as file:
            file.write(b"latin")
        listed = json.loads(self.curl("?format=json"))
        self.assertEqual(self.curl(listed["entries"][0]["href"]), b"latin")

    def test_nothing_leads_out_of_the_root(self):
        daemon = self.serve()
        with open(self.path("secret"), "w", encoding="ascii") as file:
            file.write("secret")
        os.symlink(self.path("secret"), os.path.join(self.root, "link"))
        os.symlink("..", os.path.join(self.root, "up"))
        self.put(".hidden", b"hidden")
        for target in ("/../secret", "/%2e%2e/secret", "/..%2fsecret", "/link", "/up/secret", "/.hidden", "/a/../../secret",
                       "//../secret", "/..\\secret", "/%5c..%5csecret"):
            with self.subTest(target=target):
                answer = self.exchange(daemon, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
                self.assertRegex(answer, rb"^HTTP/1\.1 (404|400) ")
                self.assertNotIn(b"secret\r", answer)

    def test_a_file_that_shrinks_while_it_is_sent_is_no_whole_answer(self):
        daemon = self.serve()
        path = os.path.join(self.root, "shrinks.bin")
        self.put("shrinks.bin", bytes(64 * MIB))
        with daemon.connect() as client:
            client.sendall(b"GET /shrinks.bin HTTP/1.1\r\nHost: x\r\n\r\n")
            received = len(client.recv(65536))
            os.truncate(path, MIB)
            with self.assertRaises(ConnectionResetError):
                while block := client.recv(1 << 20):
                    received += len(block)
                raise AssertionError("the answer ended as if it were whole")
        self.assertLess(received, 64 * MIB)
        self.put("next.txt", b"alive")
        self.assertEqual(self.curl("next.txt"), b"alive")

    def test_an_unreadable_root_is_said_before_anything_is_bound(self):
        result = self.run_daemon("-n", "web", "--path", self.path("none"))
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(len(result.stderr.strip().splitlines()), 1)
        self.assertIn(self.path("none"), result.stderr)

    def test_without_a_root_a_page_says_how_to_go_on(self):
        daemon = self.foreground("web", "--port", "tcp:0:interface=127.0.0.1")
        self.url = "http://%s:%d/" % daemon.address()
        self.assertIn("--path .", self.curl("").decode())
        self.assertIn("404", self.curl("x", "-o", self.path("x"), "-w", "%{http_code}").decode())

    def test_user_folders(self):
        home = self.path("home")
        if os.geteuid() != 0:
            self.skipTest("only root can add a user")
        name = f"tdpp{os.getpid()}"
        subprocess.run(["useradd", "--no-create-home", "--home-dir", home, name], check=True, capture_output=True)
        self.addCleanup(subprocess.run, ["userdel", name], capture_output=True, check=False)
        os.makedirs(home + "/public_html")
        with open(home + "/public_html/page.txt", "w", encoding="ascii") as file:
            file.write("mine")
        daemon = self.foreground("web", "--port", "tcp:0:interface=127.0.0.1", "--user")
        self.url = "http://%s:%d/" % daemon.address()
        self.assertEqual(self.curl(f"{name}/page.txt"), b"mine")
        self.assertIn(f'href="{name}/"', self.curl("").decode())
        with open(home + "/public_html/index.html", "w", encoding="ascii") as file:
            file.write("an index, whose links need the slash")
        for _ in range(2):
            self.assertIn("301", self.curl(name, "-o", self.path("x"), "-w", "%{http_code}").decode())

    def test_a_user_cannot_link_out_of_the_home(self):
        home = self.path("home")
        if os.geteuid() != 0:
            self.skipTest("only root can add a user")
        name = f"tdpl{os.getpid()}"
        subprocess.run(["useradd", "--no-create-home", "--home-dir", home, name], check=True, capture_output=True)
        self.addCleanup(subprocess.run, ["userdel", name], capture_output=True, check=False)
        os.makedirs(home)
        self.put("page.txt", b"not theirs")
        os.symlink(self.root, home + "/public_html")
        for links, status in (("beneath", "404"), ("follow", "200")):
            daemon = self.foreground("web", "--port", "tcp:0:interface=127.0.0.1", "--user", "--links", links)
            self.url = "http://%s:%d/" % daemon.address()
            self.assertIn(status, self.curl(f"{name}/page.txt", "-o", self.path("x"), "-w", "%{http_code}").decode())
            self.assertEqual(f'href="{name}/"' in self.curl("").decode(), links == "follow")
            daemon.stop()


class Connections(Web):
    def test_a_download_in_progress_at_sigterm_ends_whole(self):
        daemon = self.serve()
        content = self.put("60.bin", os.urandom(60 * MIB))
        client = subprocess.Popen(["curl", "-sS", "--limit-rate", "40M", "-o", self.path("got"), self.url + "60.bin"])
        self.addCleanup(client.kill)
        wait_for(lambda: os.path.exists(self.path("got")) and os.path.getsize(self.path("got")) > MIB, "the beginning")
        daemon.send(signal.SIGTERM)
        self.assertEqual(client.wait(60), 0)
        self.assertEqual(daemon.wait(), -signal.SIGTERM)
        with open(self.path("got"), "rb") as file:
            self.assertEqual(hashlib.sha256(file.read()).digest(), hashlib.sha256(content).digest())

    def test_a_second_sigterm_cuts_it(self):
        daemon = self.serve()
        self.put("60.bin", bytes(60 * MIB))
        with daemon.connect() as client:
            client.sendall(b"GET /60.bin HTTP/1.1\r\nHost: x\r\n\r\n")
            client.recv(1000)
            daemon.send(signal.SIGTERM)
            daemon.expect("SIGTERM")
            daemon.send(signal.SIGTERM)
            daemon.wait(10)
        self.assertIn("1 connection", daemon.log + daemon.stderr)

    def test_sixteen_pipelined_requests_are_answered_in_order(self):
        daemon = self.serve()
        requests = b""
        for i in range(16):
            self.put(f"{i}.txt", b"body of %d" % i)
            requests += b"GET /%d.txt HTTP/1.1\r\nHost: x\r\n%s\r\n" % (i, b"Connection: close\r\n" if i == 15 else b"")
        answer = self.exchange(daemon, requests)
        self.assertEqual(re.findall(rb"body of (\d+)", answer), [b"%d" % i for i in range(16)])

    def test_a_client_that_stops_reading_is_cut(self):
        daemon = self.serve("--stall-timeout", "2")
        self.put("big.bin", bytes(64 * MIB))
        with daemon.connect() as client:
            client.sendall(b"GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
            client.recv(10)
            wait_for(lambda: not self.established(daemon), "the cut", 15)

    def established(self, daemon):
        port = "%04X" % daemon.address()[1]
        with open("/proc/net/tcp", encoding="ascii") as table:
            return [line for line in table if line.split()[1].endswith(":" + port) and line.split()[3] == "01"]

    def test_a_head_that_does_not_end_is_answered_408(self):
        daemon = self.serve("--header-timeout", "1")
        self.assertIn(b" 408 ", self.exchange(daemon, b"GET / HTTP/1.1\r\nHost:"))

    def test_out_of_descriptors_it_waits_says_so_once_and_recovers(self):
        daemon = self.serve(preexec=limit_files)
        if int(re.search(r"VmSize:\s+(\d+)", read(f"/proc/{daemon.pid}/status")).group(1)) > 1 << 30:
            self.skipTest("a sanitizer opens descriptors of its own to look at memory, and takes their lack for a fault")
        self.put("a.txt", b"a")
        clients = []
        try:
            for _ in range(60):
                client = socket.create_connection(daemon.address(), timeout=10)
                clients.append(client)
            daemon.expect("cannot accept")
        finally:
            for client in clients:
                client.close()
        wait_for(lambda: subprocess.run(["curl", "-s", "--max-time", "5", self.url + "a.txt"], capture_output=True,
                                        check=False).stdout == b"a", "the answer")
        daemon.stop()
        self.assertEqual(daemon.log.count("cannot accept"), 1)

    def test_the_soft_limit_of_open_files_is_no_limit(self):
        daemon = self.serve(preexec=soft_limit)
        self.put("a.txt", b"a")
        clients = [daemon.connect() for _ in range(60)]
        for client in clients:
            client.sendall(b"GET /a.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        for client in clients:
            with client:
                self.assertIn(b" 200 ", client.recv(1000))
        daemon.stop()
        self.assertNotIn("cannot accept", daemon.log)

    def test_garbage_does_no_harm(self):
        daemon = self.serve()
        self.put("a.txt", b"a")
        for seed in range(50):
            answer = self.exchange(daemon, bytes((seed * 37 + i * i) % 256 for i in range(300)) + b"\r\n\r\n\r\n")
            self.assertRegex(answer, rb"^(HTTP/1\.1 [45]\d\d |$)")
        self.assertEqual(self.curl("a.txt"), b"a")

    def test_a_head_of_20_kib_is_431(self):
        daemon = self.serve()
        answer = self.exchange(daemon, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20480 + b"\r\n\r\n")
        self.assertIn(b" 431 ", answer)

    def test_two_workers_serve_one_port(self):
        self.serve(daemon_options=("--workers", "2"))
        content = self.put("a.bin", os.urandom(100_000))
        for _ in range(20):
            self.assertEqual(self.curl("a.bin"), content)


class Tls(Web):
    def certificate(self, name="server"):
        key, cert = self.path(name + ".key"), self.path(name + ".crt")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
             "-out", cert, "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True)
        return key, cert

    def serve_tls(self, key, cert, *options):
        daemon = self.foreground(
            "web", "--port", f"ssl:0:interface=127.0.0.1:privateKey={key}:certKey={cert}", "--path", self.root, *options)
        port = re.search(r"127\.0\.0\.1:(\d+)", daemon.log.split("ready: ", 1)[1]).group(1)
        self.url = f"https://127.0.0.1:{port}/"
        return daemon, int(port)

    def test_curl_verifies_and_gets_files_of_all_sizes(self):
        key, cert = self.certificate()
        self.serve_tls(key, cert)
        for size in (0, 1000, 3 * MIB):
            content = self.put(f"{size}.bin", os.urandom(size))
            self.assertEqual(self.curl(f"{size}.bin", "--cacert", cert), content)
        self.curl("0.bin", code=60)  # an unknown certificate

    def test_sessions_are_resumed(self):
        key, cert = self.certificate()
        _, port = self.serve_tls(key, cert)
        self.put("a.txt", b"a")
        context = ssl.create_default_context(cafile=cert)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        session, reused = None, []
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
                with context.wrap_socket(raw, server_hostname="localhost", session=session) as client:
                    client.sendall(b"GET /a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    while client.recv(65536):
                        pass
                    session = client.session
                    reused.append(client.session_reused)
        self.assertEqual(reused, [False, True])

    def test_a_certificate_that_does_not_match_its_key(self):
        key, _ = self.certificate("one")
        _, cert = self.certificate("two")
        result = self.run_daemon("-n", "web", "--port", f"ssl:0:privateKey={key}:certKey={cert}", "--path", self.root)
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(len(result.stderr.strip().splitlines()), 1)
        self.assertIn("does not belong to", result.stderr)

    def test_a_new_certificate_is_taken_on_sighup(self):
        key, cert = self.certificate()
        daemon, port = self.serve_tls(key, cert)

        def served():
            return ssl.get_server_certificate(("127.0.0.1", port))

        before = served()
        self.certificate()
        daemon.send(signal.SIGHUP)
        wait_for(lambda: served() != before, "the new certificate")


class Log(Web):
    def test_the_access_log_is_in_the_combined_form_and_reopened(self):
        log = self.path("access.log")
        daemon = self.serve("--logfile", log)
        self.put("a.txt", b"hello")
        self.curl("a.txt", "-A", 'agent "x"', "-e", "http://from/")
        wait_for(lambda: read(log), "the line")
        self.assertRegex(
            read(log), r'^127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET /a\.txt HTTP/1\.1" 200 5 '
                       r'"http://from/" "agent \\x22x\\x22"\n$')
        os.rename(log, log + ".1")
        daemon.send(signal.SIGUSR1)
        wait_for(lambda: os.path.exists(log), "the new file")
        self.curl("a.txt")
        wait_for(lambda: read(log), "the line in the new file")

    def test_a_full_disk_is_told_once_and_stops_nobody(self):
        self.put("a.txt", b"hello")
        daemon = self.serve("--logfile", "/dev/full")
        for _ in range(3):
            self.assertEqual(self.curl("a.txt"), b"hello")
        daemon.expect("/dev/full cannot be written")
        daemon.stop()
        self.assertEqual(daemon.log.count("cannot be written"), 1)

        quiet = self.foreground("--logfile", "/dev/full", "web", "--port", f"unix:{self.path('socket')}", "--path", self.root, ready=False)
        wait_for(lambda: os.path.exists(self.path("socket")), "the socket")
        result = subprocess.run(["curl", "-sS", "--unix-socket", self.path("socket"), "http://x/a.txt"],
                                capture_output=True, check=False)
        self.assertEqual(result.stdout, b"hello")
        quiet.stop()
        self.assertEqual(quiet.stderr.count("cannot be written"), 1)

    def test_check_makes_no_file(self):
        log = self.path("access.log")
        result = self.run_daemon("--check", "web", "--path", self.root, "--logfile", log)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertFalse(os.path.exists(log))

    def configure(self, **more):
        options = {"port": "tcp:0:interface=127.0.0.1", "path": self.root, "add-header": "X-One: 1", **more}
        with open(self.path("web.toml"), "w", encoding="ascii") as file:
            file.write("[web]\n" + "".join(f'{name} = "{value}"\n' for name, value in options.items()))
        return self.path("web.toml")

    def from_file(self):
        daemon = self.foreground("--config", self.configure())
        self.url = "http://%s:%d/" % daemon.address()
        return daemon

    def reload(self, daemon, said, **more):
        self.configure(**more)
        daemon.send(signal.SIGHUP)
        daemon.expect(said)

    def test_headers_are_added_and_survive_a_reload(self):
        daemon = self.from_file()
        self.assertIn("X-One: 1", self.curl("none", "-I").decode())
        self.reload(daemon, "configuration reloaded", **{"add-header": "X-Two: 2", "server-name": "mine"})
        head = self.curl("none", "-I").decode()
        self.assertIn("X-Two: 2", head)
        self.assertIn("Server: mine", head)
        self.assertNotIn("X-One", head)

    def test_time_limits_are_reloaded(self):
        daemon = self.from_file()
        with daemon.connect() as client:
            self.reload(daemon, "configuration reloaded", **{"header-timeout": "1"})
            client.sendall(b"GET / HT")
            client.settimeout(10)
            self.assertIn(b"408", client.recv(1000))

    def test_relative_names_count_from_the_start_at_a_reload_too(self):
        self.put("a.txt", b"hello")
        self.configure(path="root", logfile="first.log")
        daemon = self.foreground("--config", "web.toml", "--rundir", "/", "--profile", "cpu", "--savestats")
        self.url = "http://%s:%d/" % daemon.address()
        self.reload(daemon, "configuration reloaded", path="root", logfile="second.log")
        self.assertEqual(self.curl("a.txt"), b"hello")
        self.assertEqual(daemon.stop(), -signal.SIGTERM)
        for name in ("first.log", "second.log", "cpu", "cpu.stats"):
            self.assertTrue(os.path.exists(self.path(name)), name)

    def test_a_reload_that_fails_changes_nothing(self):
        daemon = self.from_file()
        self.reload(daemon, "the old configuration stays",
                    **{"add-header": "X-Two: 2", "logfile": self.path("none/access.log")})
        head = self.curl("none", "-I").decode()
        self.assertIn("X-One: 1", head)
        self.assertNotIn("X-Two", head)


class Logins(Web):
    """By --auth, with the folders that are the users' by FTP, too."""

    def setUp(self):
        super().setUp()
        for name in ("joe", "ann"):
            self.put(name + "/mine", name.encode() + b" was here\n")
        self.put("secret", b"nobody's")
        os.symlink("../secret", os.path.join(self.root, "joe/out"))
        # As root, files are touched by nobody's rights, who has to come to them.
        os.chmod(self.folder, 0o755)
        with open(self.path("passwords"), "w", encoding="utf-8") as file:
            file.write("joe:password\nann:secret\n")
        self.who = ["--auth", "file:" + self.path("passwords"), "--user-root", self.root + "/{user}"]

    def status(self, path, *arguments):
        return self.curl(path, "-o", self.path("answer"), "-w", "%{http_code}", *arguments).decode()

    def test_each_sees_the_folder_that_is_theirs(self):
        daemon = self.foreground("web", "--port", "tcp:0:interface=127.0.0.1", "--links", "follow", "--logfile", self.path("log"),
                                 *self.who)
        self.url = "http://%s:%d/" % daemon.address()
        self.assertEqual(self.status("mine"), "401")
        self.assertIn('WWW-Authenticate: Basic realm="files"', self.curl("mine", "-I").decode())
        for _ in range(2):
            self.assertEqual(self.curl("mine", "-u", "joe:password"), b"joe was here\n")
            self.assertEqual(self.curl("mine", "-u", "ann:secret"), b"ann was here\n")
        self.assertEqual(self.status("mine", "-u", "joe:secret"), "401")
        self.assertIn(b"mine", self.curl("", "-u", "joe:password"))
        for path in ("out", "../ann/mine", "%2e%2e/ann/mine"):
            self.assertIn(self.status(path, "-u", "joe:password", "--path-as-is"), ("404", "400"), path)
        daemon.expect('login refused: user="joe"')
        daemon.stop()
        self.assertRegex(read(self.path("log")), r'127.0.0.1 - joe \[.*\] "GET /mine HTTP/1.1" 200 13 ')

    def test_what_comes_by_ftp_is_there(self):
        self.put("up/mine", b"x")
        os.chmod(os.path.join(self.root, "joe"), 0o777)
        files = self.foreground("ftp", "--port", "tcp:0:interface=127.0.0.1", "--no-anonymous", *self.who)
        self.url = "ftp://joe:password@%s:%d/" % files.address()
        self.curl("by-ftp", "-T", os.path.join(self.root, "secret"))
        site = self.foreground("web", "--port", "tcp:0:interface=127.0.0.1", *self.who)
        self.url = "http://%s:%d/" % site.address()
        self.assertEqual(self.curl("by-ftp", "-u", "joe:password"), b"nobody's")

    def test_all_see_the_same_where_there_is_no_folder_of_theirs(self):
        self.serve("--auth", "file:" + self.path("passwords"))
        self.assertEqual(self.status("secret"), "401")
        self.assertEqual(self.curl("secret", "-u", "ann:secret"), b"nobody's")

    def test_as_root_files_are_read_by_the_rights_of_whom_they_are(self):
        if os.geteuid() != 0:
            self.skipTest("for root alone")
        os.chown(os.path.join(self.root, "joe"), 65534, 65534)
        self.put("joe/of-root", b"x")
        os.chmod(os.path.join(self.root, "joe/of-root"), 0o600)
        daemon = self.foreground("web", "--port", "tcp:0:interface=127.0.0.1", *self.who)
        self.url = "http://%s:%d/" % daemon.address()
        self.assertEqual(self.status("mine", "-u", "joe:password"), "200")
        self.assertEqual(self.status("of-root", "-u", "joe:password"), "403")

    def test_what_makes_no_sense_is_refused(self):
        for options, why in ((self.who[2:], "--auth says who logs in"), ([*self.who, "--path", "."], "so does --path"),
                             (["--auth", self.who[1], "--user-root", "/srv"], "has no {user} in it")):
            done = self.run_daemon("-n", "web", *options)
            self.assertIn("option --user-root", done.stderr)
            self.assertIn(why, done.stderr)


def soft_limit():
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (40, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def limit_files():
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))


if __name__ == "__main__":
    run_tests()
