"""The chat service from outside: a small client speaks IRC to it, as users' programs do."""
import base64
import os
import re
import signal
import subprocess

from support.daemon import DaemonTest, run_tests, wait_for
from support.irc import Client

UNAVAILABLE, USAGE = 69, 64


class Words(DaemonTest):
    def start(self, *options, **more):
        return self.foreground("words", "--irc-port", "tcp:0:interface=127.0.0.1", "--hostname", "irc.test",
                               *options, **more)

    def passwords(self, text="alice:wonder\nbob:builder\n"):
        path = self.path("passwords.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_two_users_with_passwords_talk_in_the_group(self):
        daemon = self.start("--auth", "file:" + self.passwords(), "--group", "channel")
        with Client(daemon) as alice, Client(daemon) as bob:
            alice.register("alice", "PASS wonder")
            bob.register("bob", "PASS builder")
            alice.send("JOIN #channel", "TOPIC #channel :tea")
            alice.expect(r"^:alice!alice@127\.0\.0\.1 JOIN #channel$")
            alice.expect(r"^:irc\.test 353 alice = #channel :alice$")
            bob.send("JOIN #channel")
            bob.expect(r" 332 bob #channel :tea$")
            bob.expect(r" 366 ")
            alice.expect(r"^:bob!bob@127\.0\.0\.1 JOIN #channel$")
            bob.send("PRIVMSG #channel :hello, Alice")
            self.assertEqual(alice.read(), ":bob!bob@127.0.0.1 PRIVMSG #channel :hello, Alice")
            alice.send("PRIVMSG bob :psst")
            bob.expect(r"^:alice!alice@127\.0\.0\.1 PRIVMSG bob :psst$")
            bob.send("QUIT :home")
            alice.expect(r"^:bob!bob@127\.0\.0\.1 QUIT :Quit: home$")
            self.assertRegex(bob.rest()[-1], r"^ERROR :Closing Link: ")
        self.assertEqual(daemon.stop(), -signal.SIGTERM)

    def test_the_group_keeps_topic_and_modes_without_members(self):
        daemon = self.start("--group", "#tea", "--oper", "root:secret")
        with Client(daemon) as alice:
            alice.register("alice")
            alice.send("OPER root secret", "JOIN #tea", "MODE #tea +m", "TOPIC #tea :milk", "PART #tea", "PING done")
            alice.expect("PONG")
            alice.send("JOIN #tea", "MODE #tea")
            alice.expect(r" 332 alice #tea :milk$")
            alice.expect(r" 324 alice #tea \+mn$")

    def test_nick_serv_asks_for_the_password(self):
        daemon = self.start("--passwd", self.passwords())
        with Client(daemon) as alice:
            alice.send("NICK alice", "USER alice 0 * :A", "JOIN #x")
            self.assertEqual(alice.read(), ":NickServ!NickServ@services NOTICE alice :Password?")
            alice.expect(r" 451 ")
            alice.send("PRIVMSG NickServ :wonder")
            alice.expect(r" 900 alice alice!alice@127\.0\.0\.1 alice ")
            alice.expect(r" 001 alice ")
        with Client(daemon) as bob:
            bob.send("PASS wrong", "NICK bob", "USER bob 0 * :B")
            bob.expect(r"NickServ.* :Login failed\. Goodbye\.$")
            bob.rest()
        daemon.expect('login refused: user="bob"')
        self.assertNotIn("wonder", daemon.log)

    def identity(self, name):
        """The files of a certificate that nobody but its owner has signed, and of its key."""
        files = self.path(name + ".pem"), self.path(name + ".key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        files[1], "-out", files[0], "-days", "2", "-subj", "/CN=" + name], check=True, capture_output=True)
        return files

    def test_a_certificate_in_place_of_a_password(self):
        certificate, key = self.identity("irc.test")
        daemon = self.foreground("words", "--hostname", "irc.test", "--irc-port",
                                 f"ssl:0:interface=127.0.0.1:privateKey={key}:certKey={certificate}:clientCertificate=any")
        mine, other = self.identity("alice"), self.identity("mallory")
        with Client(daemon, tls=True, identity=mine) as alice:
            alice.register("alice")
            alice.send("NS REGISTER sesame", "PING made")
            alice.expect(r"The account alice is yours")
            alice.send("NS CERT ADD")
            alice.expect(r"That certificate logs you in")
        with Client(daemon, tls=True, identity=mine) as alice:
            alice.send("CAP REQ sasl", "AUTHENTICATE EXTERNAL", "AUTHENTICATE +")
            alice.expect(r" 903 \* ")
        for stranger in (other, None):
            with Client(daemon, tls=True, identity=stranger) as client:
                client.send("CAP REQ sasl", "AUTHENTICATE EXTERNAL", "AUTHENTICATE +")
                client.expect(r" 904 \* ")

    def test_sasl_plain(self):
        daemon = self.start("--auth", "memory:alice:wonder", "--open")
        with Client(daemon) as client:
            client.send("CAP LS 302")
            self.assertRegex(client.expect(r" CAP \* LS :"), r"\bsasl=SCRAM-SHA-256,PLAIN\b")
            client.send("CAP REQ :sasl account-tag message-tags server-time echo-message", "NICK al", "USER al 0 * :A",
                        "AUTHENTICATE PLAIN")
            client.expect(r"ACK :sasl account-tag message-tags server-time echo-message$")
            client.expect(r"AUTHENTICATE \+$")
            client.send("AUTHENTICATE " + base64.b64encode(b"\0alice\0wrong").decode())
            client.expect(r" 904 ")
            client.send("AUTHENTICATE PLAIN", "AUTHENTICATE " + base64.b64encode(b"\0alice\0wonder").decode())
            client.expect(r" 903 ")
            client.send("CAP END", "PRIVMSG al :me")
            client.expect(r" 001 al ")
            line = client.expect(" PRIVMSG al ")
            self.assertRegex(line, r"^@time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z;account=alice;msgid=\S{24} "
                                   r":al!al@127\.0\.0\.1 PRIVMSG al :me$")

    def test_plain_and_encrypted_users_share_the_channels(self):
        key, cert = self.path("key.pem"), self.path("cert.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
             "-out", cert, "-days", "2", "-subj", "/CN=localhost"], check=True, capture_output=True)
        daemon = self.start("--irc-port", f"ssl:0:interface=127.0.0.1:privateKey={key}:certKey={cert}")
        with Client(daemon) as alice, Client(daemon, 1, tls=True) as bob:
            alice.register("alice").send("JOIN #c")
            alice.expect(" 366 ")
            bob.register("bob").send("JOIN #c", "PRIVMSG #c :in secret")
            alice.expect("^:bob!bob@127.0.0.1 PRIVMSG #c :in secret$")
            alice.send("PRIVMSG bob :in the open")
            bob.expect("PRIVMSG bob :in the open$")

    def test_a_client_that_does_not_read_is_cut_and_nobody_else(self):
        daemon = self.start("--send-queue", "100000", "--flood-rate", "0")
        with Client(daemon) as slow, Client(daemon) as reader, Client(daemon) as talker:
            for client, nick in ((slow, "slow"), (reader, "reader"), (talker, "talker")):
                client.register(nick)
                client.send("JOIN #c")
                client.expect(r" 366 ")
            # The system's own buffers take some megabytes first.
            for number in range(400):
                talker.send(*["PRIVMSG #c :" + "x" * 400] * 200, f"PRIVMSG #c :round {number}", f"PING {number}")
                talker.expect(rf"PONG .*:{number}$")
                if "slow!" in reader.expect(rf"QUIT|round {number}$"):
                    break
            self.assertRegex(reader.lines[-1], r"^:slow!slow@127\.0\.0\.1 QUIT :SendQ exceeded$")
            talker.send("PRIVMSG reader :still here?")
            reader.expect("still here")
        daemon.expect("is cut: it does not read")

    def test_reload_takes_new_groups_and_passwords_and_keeps_the_users(self):
        config = self.path("words.toml")

        def write(text):
            with open(config, "w", encoding="utf-8") as file:
                file.write('[words]\nirc-port = ["tcp:0:interface=127.0.0.1"]\n' + text)

        write('group = ["one"]\n')
        daemon = self.foreground("--config", config)
        with Client(daemon) as alice:
            alice.register("alice")
            write('group = ["one", "two"]\nmotd = "missing"\n')
            daemon.send(signal.SIGHUP)
            daemon.expect("option --motd: cannot read missing")
            write('group = ["one", "two"]\n')
            daemon.send(signal.SIGHUP)

            def there():
                alice.send("LIST")
                lines = []
                while not (lines and " 323 " in lines[-1]):
                    lines.append(alice.read())
                return any(" 322 alice #two 0 :" in line for line in lines)

            wait_for(there, "the new group")

    def test_what_is_refused_says_why(self):
        self.assert_fails(self.run_daemon("-n", "words", "--pb-port", "tcp:1"), USAGE, "--pb-port", "--irc-port")
        self.assert_fails(self.run_daemon("-n", "words", "--oper", "x"), USAGE, "--oper", "NAME:HASH")
        self.assert_fails(self.run_daemon("-n", "words", "--group", "a b"), USAGE, "--group")
        self.assert_fails(self.run_daemon("-n", "words", "--auth", "file:/nowhere/passwords"), UNAVAILABLE,
                          "--auth", "/nowhere/passwords")
        self.assert_fails(self.run_daemon("-n", "words", "--motd", "/nowhere/motd"), UNAVAILABLE, "--motd")

    def test_behind_a_balancer_people_come_from_where_they_are(self):
        key = self.path("cloak")
        daemon = self.foreground("words", "--irc-port", "haproxy:tcp:0:interface=127.0.0.1", "--hostname", "irc.test",
                                 "--cloak", key)
        with Client(daemon) as alice, Client(daemon) as bob:
            for client, address, nick in ((alice, "192.0.2.1", "alice"), (bob, "192.0.2.2", "bob")):
                client.send(f"PROXY TCP4 {address} 192.0.2.9 4000 6667")
                client.register(nick)
            alice.send("WHOIS alice", "WHOIS bob", "PING done")
            alice.expect(r" 338 alice alice alice@192\.0\.2\.1 192\.0\.2\.1 ")
            cloak = alice.expect(r" 311 alice bob ").split()[5]
            self.assertRegex(cloak, r"^[a-z2-7]{8}\.[a-z2-7]{8}\.[a-z2-7]{8}\.ip$")
        self.assertEqual(os.stat(key).st_mode & 0o777, 0o600)

    def test_an_operator_has_the_options_read_anew(self):
        motd = self.path("motd")

        def write(line):
            with open(motd, "w", encoding="utf-8") as file:
                file.write(line + "\n")

        write("the old one")
        daemon = self.start("--motd", motd, "--oper", "root:secret")
        with Client(daemon) as root:
            root.send("NICK root", "USER root 0 * :R")
            root.expect(r" 372 root :- the old one")
            write("the new one")
            root.send("OPER root secret", "REHASH")
            root.expect(r" 382 root ")
            daemon.expect("configuration reloaded")
            root.send("MOTD")
            root.expect(r" 372 root :- the new one")

    def test_stopping_tells_the_users(self):
        daemon = self.start()
        with Client(daemon) as alice:
            alice.register("alice")
            daemon.send(signal.SIGTERM)
            self.assertRegex(alice.rest()[-1], r"^ERROR :.*shutting down")
        self.assertEqual(daemon.wait(), -signal.SIGTERM)


if __name__ == "__main__":
    run_tests()
