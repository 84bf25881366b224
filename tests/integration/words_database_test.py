"""What the chat server keeps: after kill -9, with a damaged file, on a disk that is full."""
import os
import re
import resource
import signal

from support.daemon import DaemonTest, run_tests
from support.irc import Client

UNAVAILABLE = 69


class Database(DaemonTest):
    def options(self, *more):
        return ("words", "--irc-port", "tcp:0:interface=127.0.0.1", "--hostname", "irc.test", "--database",
                self.path("words.db"), *more)

    def start(self, *more, **how):
        return self.foreground(*self.options(*more), **how)

    def test_what_was_confirmed_outlives_kill_9(self):
        daemon = self.start()
        with Client(daemon) as alice:
            alice.register("alice")
            alice.send("NS REGISTER sesame")
            alice.expect(r"The account alice is yours\.$")
            alice.send("JOIN #room", "TOPIC #room :tea", "CS REGISTER #room")
            alice.expect(r"#room is yours\.$")
            alice.send("NS SET ALWAYSON ON")
            alice.expect(r"You stay here")
            alice.send("PRIVMSG #room :remember me", "HS SEARCH #room remember")
            alice.expect(r"1 found\.$")
            alice.send("PING x")
            alice.expect("PONG")
            os.kill(daemon.pid, signal.SIGKILL)
            self.assertEqual(daemon.wait(), -signal.SIGKILL)
        daemon = self.start()
        with Client(daemon) as alice:
            alice.register("alice", "PASS sesame")
            alice.send("CS INFO #room")
            alice.expect(r"#room belongs to alice$")
            alice.send("JOIN #room", "HS SEARCH #room remember")
            alice.expect(r" 332 alice #room :tea$")
            alice.expect(r"PRIVMSG #room :remember me$")

    def test_a_file_that_is_no_database_stops_the_start_and_is_left_alone(self):
        with open(self.path("words.db"), "wb") as file:
            file.write(b"not a database" * 1000)
        refused = self.run_daemon("-n", *self.options())
        self.assert_fails(refused, UNAVAILABLE, "option --database: database ", "words.db: file is not a database; move the file")
        self.assertEqual(os.path.getsize(self.path("words.db")), 14000)

    def test_one_server_at_a_time(self):
        daemon = self.start()
        refused = self.run_daemon("-n", *self.options())
        self.assert_fails(refused, UNAVAILABLE, "option --database: another process serves ", "words.db")
        daemon.stop()
        self.start()

    def test_with_a_full_disk_chat_goes_on_and_it_is_told_once(self):
        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

        daemon = self.start("--flood-rate", "0", preexec=small_files)
        with Client(daemon) as alice, Client(daemon) as bob:
            alice.register("alice")
            bob.register("bob")
            alice.send("JOIN #room")
            bob.send("JOIN #room")
            bob.expect(" 366 ")
            for i in range(1500):
                alice.send(f"PRIVMSG #room :{i} " + "x" * 400)
            bob.expect(r"PRIVMSG #room :1499 x")
            daemon.expect("are not kept until that is mended")
            alice.send("NS REGISTER sesame")
            alice.expect(r"It could not be kept; try again\.$|The account alice is yours\.$")
            bob.send("PRIVMSG #room :still here")
            alice.expect(r"still here$")
        # A small change may still fit beside what is there: the database takes changes again, and the next large one fails anew.
        told = re.findall(r"are not kept until that is mended|takes changes again", daemon.log)
        self.assertEqual(told[0], "are not kept until that is mended")
        self.assertNotIn(True, [one == next for one, next in zip(told, told[1:])], told)


if __name__ == "__main__":
    run_tests()
