"""Programs that people use talk through the chat service: irssi, and a bot on Twisted's own client class."""
import os
import pty
import re
import shutil
import subprocess
import threading

from support.daemon import DaemonTest, run_tests, wait_for
from support.irc import Client

SYSTEM_PYTHON = "/usr/bin/python3"

BOT = """
import sys
from twisted.internet import protocol, reactor
from twisted.words.protocols import irc

class Bot(irc.IRCClient):
    nickname = "bot"
    password = "metal"
    def signedOn(self):
        self.join("channel")
    def joined(self, channel):
        self.msg(channel, "here I am")
    def userJoined(self, user, channel):
        self.notice(user, "welcome to " + channel)
    def privmsg(self, user, channel, message):
        self.msg(channel, user.split("!")[0] + " says " + message)
        if message == "bye":
            self.quit("as told")
    def topicUpdated(self, user, channel, topic):
        if topic:
            self.describe(channel, "reads " + topic)

class Factory(protocol.ClientFactory):
    protocol = Bot
    def clientConnectionLost(self, connector, reason):
        reactor.stop()
    def clientConnectionFailed(self, connector, reason):
        sys.exit(str(reason))

reactor.connectTCP("127.0.0.1", int(sys.argv[1]), Factory())
reactor.callLater(60, reactor.stop)
reactor.run()
"""


class Terminal:
    """A program on a terminal of its own, and the text that it has drawn there."""

    def __init__(self, *command):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                        env={**os.environ, "TERM": "xterm", "LANG": "C.UTF-8"})
        os.close(slave)
        self.drawn = b""
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        try:
            while block := os.read(self.master, 65536):
                self.drawn += block
        except OSError:
            pass

    def shows(self, text):
        """Whether the text was drawn, whatever its colours."""
        return text in re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()].", b"", self.drawn).decode("utf-8", "replace")

    def type(self, line):
        os.write(self.master, line.encode() + b"\r")

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class WeeChat:
    """WeeChat without a screen: it is told by its pipe, and tells by its logs."""

    def __init__(self, home, *commands):
        self.home = home
        options = [word for command in ("/set fifo.file.path ${weechat_data_dir}/pipe", "/fifo enable",
                                                "/set logger.file.flush_delay 0", *commands)
                   for word in ("-r", command)]
        self.process = subprocess.Popen(["weechat-headless", "-d", home, *options], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={**os.environ, "LANG": "C.UTF-8"})

    def wait_until_ready(self):
        wait_for(lambda: "Welcome" in self.logged("irc.server.t"), "weechat's login")

    def type(self, buffer, text):
        with open(os.path.join(self.home, "pipe"), "w", encoding="utf-8") as pipe:
            pipe.write(f"{buffer} *{text}\n")

    def logged(self, buffer):
        try:
            with open(os.path.join(self.home, "logs", buffer + ".weechatlog"), encoding="utf-8") as log:
                return log.read()
        except FileNotFoundError:
            return ""

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class WordsClients(DaemonTest):
    def start(self):
        path = self.path("passwords.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("alice:wonder\nbob:builder\nbot:metal\n")
        # As the service's README has it.
        return self.foreground("words", "--irc-port", "tcp:0:interface=127.0.0.1", "--auth", "file:passwords.txt",
                               "--group", "channel")

    def test_irssi(self):
        if not shutil.which("irssi"):
            self.fail("irssi is not installed: see packaging/packages.sh")
        daemon = self.start()
        with Client(daemon) as bob:
            bob.register("bob", "PASS builder").send("JOIN #channel")
            bob.expect(" 366 ")
            irssi = Terminal("irssi", "--home", self.path("irssi"), "-c", "127.0.0.1", "-p", str(daemon.address()[1]),
                             "-n", "alice", "-w", "wonder")
            self.addCleanup(irssi.end)

            def there():
                bob.send("ISON alice")
                return bob.expect(" 303 ").endswith(":alice")

            wait_for(there, "irssi's login")
            irssi.type("/join #channel")
            bob.expect(r"^:alice!\S+ JOIN #channel$")
            # It has joined when it has the list of names.
            wait_for(lambda: irssi.shows("#channel: Total of 2 nicks"), "irssi's window")
            irssi.type("gr\u00fc\u00dfe")
            bob.expect(r"^:alice!\S+ PRIVMSG #channel :gr\u00fc\u00dfe$")
            irssi.type("/topic tea at four")
            bob.expect(r" TOPIC #channel :tea at four$")
            irssi.type("/me waves")
            bob.expect("PRIVMSG #channel :\x01ACTION waves\x01$")
            bob.send("PRIVMSG #channel :seen by irssi")
            wait_for(lambda: irssi.shows("bob> seen by irssi"), "the line on irssi's screen")
            irssi.type("/quit over")
            bob.expect(r"^:alice!\S+ QUIT :Quit: over$")
            self.assertEqual(irssi.process.wait(10), 0)

    def test_weechat(self):
        if not shutil.which("weechat-headless"):
            self.fail("weechat-headless is not installed: see packaging/packages.sh")
        daemon = self.start()
        home = self.path("weechat")
        with Client(daemon) as bob:
            bob.send("CAP REQ :account-tag message-tags draft/multiline batch")
            bob.register("bob", "PASS builder", "CAP END").send("JOIN #channel")
            bob.expect(" 366 ")
            # The strongest mechanism that the password file allows.
            weechat = WeeChat(home, f"/server add t 127.0.0.1/{daemon.address()[1]} -notls -nicks=alice",
                              "/set irc.server.t.sasl_mechanism scram-sha-256", "/set irc.server.t.sasl_username alice",
                              "/set irc.server.t.sasl_password wonder", "/connect t")
            self.addCleanup(weechat.end)
            weechat.wait_until_ready()
            weechat.type("irc.server.t", "/join #channel")
            bob.expect(r"^@account=alice\S* :alice!\S+ JOIN #channel$")
            wait_for(lambda: "2 nicks" in weechat.logged("irc.t.#channel"), "weechat's window")
            weechat.type("irc.t.#channel", "gr\u00fc\u00dfe")
            bob.expect(r"^@account=alice;\S+ :alice!\S+ PRIVMSG #channel :gr\u00fc\u00dfe$")
            weechat.type("irc.t.#channel", "/me waves")
            bob.expect("PRIVMSG #channel :\x01ACTION waves\x01$")
            bob.send("PRIVMSG #channel :seen by weechat")
            wait_for(lambda: "bob\tseen by weechat" in weechat.logged("irc.t.#channel"), "the line in weechat's log")
            self.assertIn("bob", weechat.logged("irc.t.#channel"))
            weechat.type("irc.server.t", "/quit over")
            bob.expect(r":alice!\S+ QUIT :Quit: over$")
            self.assertEqual(weechat.process.wait(10), 0)

    def test_a_bot_on_twisted(self):
        daemon = self.start()
        with Client(daemon) as bob:
            bob.register("bob", "PASS builder").send("JOIN #channel")
            bob.expect(" 366 ")
            bot = subprocess.Popen([SYSTEM_PYTHON, "-c", BOT, str(daemon.address()[1])])
            self.addCleanup(bot.wait)
            self.addCleanup(bot.kill)
            bob.expect(r"^:bot!bot@127\.0\.0\.1 PRIVMSG #channel :here I am$")
            bob.send("PART #channel", "JOIN #channel")
            bob.expect(r"^:bot!bot@127\.0\.0\.1 NOTICE bob :welcome to #channel$")
            bob.send("TOPIC #channel :tea")
            bob.expect("PRIVMSG #channel :\x01ACTION reads tea\x01$")
            bob.send("PRIVMSG #channel :bye")
            bob.expect(r"PRIVMSG #channel :bob says bye$")
            bob.expect(r"^:bot!bot@127\.0\.0\.1 QUIT :Quit: as told$")
            self.assertEqual(bot.wait(20), 0)


if __name__ == "__main__":
    run_tests()
