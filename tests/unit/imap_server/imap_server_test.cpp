#include "twistdpp/imap_server/imap_server.h"

#include "support/imap_memory.h"
#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include <gmock/gmock.h>

// The dialogue of IMAP over mailboxes in memory. What is answered is looked at whole wherever it is short.

namespace twistdpp::imap {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr Bytes kLetter =
    "From: Ann <ann@example.org>\r\nSubject: hello\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Transfer-Encoding: base64\r\n\r\naGkAIQ==\r\n"
    "--b\r\nContent-Transfer-Encoding: x-odd\r\n\r\n???\r\n--b--\r\n";

class ImapServerTest : public testing::Test {
protected:
    struct Session {
        explicit Session(ImapServerTest& test) : transport(test.reactor) {
            transport.connect(std::make_unique<ImapServer>(test.options(), Logger("imap")));
            transport.takeValue();
        }
        /// What comes for a command, "A " as its tag.
        std::string ask(const std::string& command) {
            transport.receive("A " + command + "\r\n");
            return transport.takeValue();
        }
        test::StringTransport transport;
    };

    ImapServerTest() {
        for (const char* subject : {"one", "two", "three", "four"})
            boxes["INBOX"].add("Subject: " + std::string(subject) + "\r\n\r\ntext\r\n");
        boxes["Sent"];
    }
    std::shared_ptr<const ServerOptions> options() {
        ServerOptions made;
        CheckerSet checkers;
        checkers.add(std::make_unique<test::Anyone>());
        made.accounts.emplace(reactor, std::move(checkers), std::make_shared<LoginThrottle>());
        made.open = [this](const AvatarId&) { return std::make_unique<test::MemoryAccount>(boxes); };
        return std::make_shared<const ServerOptions>(std::move(made));
    }
    std::unique_ptr<Session> login() {
        auto session = std::make_unique<Session>(*this);
        EXPECT_THAT(session->ask("LOGIN joe x"), HasSubstr("A OK [CAPABILITY IMAP4rev1 IMAP4rev2 "));
        return session;
    }
    std::unique_ptr<Session> selected(const std::string& enable = {}) {
        auto session = login();
        if (!enable.empty())
            session->ask("ENABLE " + enable);
        EXPECT_THAT(session->ask("SELECT INBOX"), EndsWith("A OK [READ-WRITE] selected\r\n"));
        return session;
    }
    test::MemoryBox& inbox() { return boxes["INBOX"]; }

    test::ManualReactor reactor;
    test::MemoryBoxes boxes;
};

TEST_F(ImapServerTest, SelectTellsOfTheMailboxInEitherManner) {
    auto session = login();
    EXPECT_EQ(
        session->ask("SELECT inbox"),
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded)\r\n"
        "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded \\*)] these are "
        "kept\r\n"
        "* 4 EXISTS\r\n* 0 RECENT\r\n* OK [UNSEEN 1] the first that nobody has seen\r\n"
        "* OK [UIDVALIDITY 77] as long as that stays\r\n* OK [UIDNEXT 7] the next one's\r\n"
        "* OK [HIGHESTMODSEQ 14] the latest change\r\nA OK [READ-WRITE] selected\r\n"
    );
    EXPECT_EQ(session->ask("ENABLE IMAP4rev2 NONSENSE"), "* ENABLED IMAP4rev2\r\nA OK done\r\n");
    EXPECT_EQ(session->ask("ENABLE IMAP4rev2"), "* ENABLED\r\nA OK done\r\n");
    const std::string rev2 = session->ask("EXAMINE INBOX");
    EXPECT_THAT(rev2, StartsWith("* OK [CLOSED] "));
    EXPECT_THAT(rev2, HasSubstr("[PERMANENTFLAGS ()]"));
    EXPECT_THAT(rev2, HasSubstr("* LIST () \"/\" \"INBOX\"\r\nA OK [READ-ONLY] selected"));
    EXPECT_THAT(rev2, Not(HasSubstr("RECENT")));
    EXPECT_THAT(session->ask("STORE 1 FLAGS (\\Seen)"), StartsWith("A NO [READ-ONLY]"));
}

TEST_F(ImapServerTest, NamesAreUtf8ForWhoHasEnabledRev2) {
    boxes["Entw\xc3\xbcrfe"];
    auto session = login();
    EXPECT_EQ(
        session->ask("LIST \"\" E*"), "* LIST (\\HasNoChildren) \"/\" \"Entw&APw-rfe\"\r\nA OK done\r\n"
    );
    session->ask("ENABLE IMAP4rev2");
    EXPECT_EQ(
        session->ask("LIST \"\" E*"), "* LIST (\\HasNoChildren) \"/\" {9}\r\nEntw\xc3\xbcrfe\r\nA OK done\r\n"
    );
    EXPECT_THAT(session->ask("SELECT \"Entw\xc3\xbcrfe\""), HasSubstr("A OK [READ-WRITE]"));
    EXPECT_THAT(session->ask("SELECT \"Entw\xfcrfe\""), StartsWith("A BAD"));
}

TEST_F(ImapServerTest, ListTellsWhatIsAskedFor) {
    for (const char* name : {"Unwanted", "Work/2026", "Work/2027"})
        boxes[name];
    auto session = login();
    // RFC 5258: what is no mailbox shows to who goes down step by step.
    EXPECT_EQ(
        session->ask("LIST \"\" %"),
        "* LIST (\\HasNoChildren) \"/\" \"INBOX\"\r\n* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent\"\r\n"
        "* LIST (\\HasNoChildren) \"/\" \"Unwanted\"\r\n"
        "* LIST (\\HasChildren \\NonExistent \\Noselect) \"/\" \"Work\"\r\nA OK done\r\n"
    );
    EXPECT_EQ(
        session->ask("LIST (SUBSCRIBED) \"\" (%/2026 Un*) RETURN (CHILDREN)"),
        "* LIST (\\HasNoChildren \\Subscribed) \"/\" \"Work/2026\"\r\nA OK done\r\n"
    );
    EXPECT_EQ(
        session->ask("LIST (SUBSCRIBED RECURSIVEMATCH) \"\" Wor%"),
        "* LIST (\\HasChildren \\NonExistent \\Noselect) \"/\" \"Work\" (\"CHILDINFO\" "
        "(\"SUBSCRIBED\"))\r\nA OK done\r\n"
    );
    EXPECT_EQ(
        session->ask("LIST \"\" (INB* Sent) RETURN (SUBSCRIBED STATUS (MESSAGES SIZE DELETED))"),
        "* LIST (\\HasNoChildren \\Subscribed) \"/\" \"INBOX\"\r\n* STATUS \"INBOX\" (MESSAGES 4 SIZE 91 "
        "DELETED 0)\r\n"
        "* LIST (\\HasNoChildren \\Subscribed \\Sent) \"/\" \"Sent\"\r\n* STATUS \"Sent\" (MESSAGES 0 SIZE 0 "
        "DELETED 0)\r\n"
        "A OK done\r\n"
    );
    EXPECT_EQ(
        session->ask("LIST (SPECIAL-USE) \"\" *"),
        "* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent\"\r\nA OK done\r\n"
    );
    EXPECT_EQ(
        session->ask("LSUB \"\" Work/%7"), "* LSUB (\\HasNoChildren) \"/\" \"Work/2027\"\r\nA OK done\r\n"
    );
    EXPECT_THAT(
        session->ask("LSUB \"\" W%"),
        HasSubstr("* LSUB (\\HasChildren \\NonExistent \\Noselect) \"/\" \"Work\"")
    );
    EXPECT_EQ(session->ask("LIST \"\" \"\""), "* LIST (\\Noselect) \"/\" \"\"\r\nA OK done\r\n");
    EXPECT_THAT(session->ask("LIST (RECURSIVEMATCH) \"\" *"), StartsWith("A BAD"));
}

TEST_F(ImapServerTest, SearchGivesWhatIsAskedFor) {
    auto session = selected();
    inbox().flag(4, Flag::flagged);
    session->ask("NOOP");
    EXPECT_EQ(session->ask("SEARCH FLAGGED"), "* SEARCH 2\r\nA OK done\r\n");
    EXPECT_EQ(session->ask("UID SEARCH UNFLAGGED"), "* SEARCH 3 5 6\r\nA OK done\r\n");
    EXPECT_EQ(session->ask("SEARCH RETURN () UNFLAGGED"), "* ESEARCH (TAG \"A\") ALL 1,3:4\r\nA OK done\r\n");
    EXPECT_EQ(
        session->ask("UID SEARCH RETURN (MIN MAX COUNT) CHARSET utf-8 ALL"),
        "* ESEARCH (TAG \"A\") UID MIN 3 MAX 6 COUNT 4\r\nA OK done\r\n"
    );
    EXPECT_EQ(
        session->ask("SEARCH RETURN (MIN COUNT) SUBJECT nowhere"),
        "* ESEARCH (TAG \"A\") COUNT 0\r\nA OK done\r\n"
    );
    EXPECT_THAT(session->ask("SEARCH RETURN (NONSENSE) ALL"), StartsWith("A BAD"));
    // RFC 9051 section 6.4.4: who has enabled it gets the new answer always.
    session->ask("ENABLE IMAP4rev2");
    EXPECT_EQ(session->ask("SEARCH SUBJECT t"), "* ESEARCH (TAG \"A\") ALL 2:3\r\nA OK done\r\n");
}

TEST_F(ImapServerTest, ASearchIsSavedForTheNextCommands) {
    auto session = selected();
    EXPECT_EQ(session->ask("FETCH $ UID"), "A OK done\r\n");
    EXPECT_EQ(session->ask("SEARCH RETURN (SAVE) SUBJECT t"), "A OK done\r\n");
    EXPECT_EQ(session->ask("FETCH $ UID"), "* 2 FETCH (UID 4)\r\n* 3 FETCH (UID 5)\r\nA OK done\r\n");
    EXPECT_EQ(session->ask("UID SEARCH $ SUBJECT th"), "* SEARCH 5\r\nA OK done\r\n");
    EXPECT_EQ(session->ask("SEARCH RETURN (SAVE MIN) $"), "* ESEARCH (TAG \"A\") MIN 2\r\nA OK done\r\n");
    EXPECT_EQ(session->ask("STORE $ +FLAGS (\\Deleted)"), "* 2 FETCH (FLAGS (\\Deleted))\r\nA OK done\r\n");
    // It is messages that are saved, not their numbers.
    session->ask("SEARCH RETURN (SAVE) 1,3");
    EXPECT_EQ(session->ask("EXPUNGE"), "* 2 EXPUNGE\r\nA OK done\r\n");
    EXPECT_EQ(session->ask("FETCH $ UID"), "* 1 FETCH (UID 3)\r\n* 2 FETCH (UID 5)\r\nA OK done\r\n");
}

TEST_F(ImapServerTest, ChangesOfOthersHaveALaterModseq) {
    auto session = selected();
    EXPECT_EQ(session->ask("FETCH 1 MODSEQ"), "* 1 FETCH (MODSEQ (11))\r\nA OK done\r\n");
    EXPECT_EQ(
        session->ask("STORE 1:2 (UNCHANGEDSINCE 11) +FLAGS.SILENT (\\Seen)"),
        "* 1 FETCH (MODSEQ (15))\r\nA OK [MODIFIED 2] others have changed these since\r\n"
    );
    EXPECT_EQ(
        session->ask("UID FETCH 1:* FLAGS (CHANGEDSINCE 13)"),
        "* 1 FETCH (UID 3 MODSEQ (15) FLAGS (\\Seen))\r\n* 4 FETCH (UID 6 MODSEQ (14) FLAGS ())\r\nA OK "
        "done\r\n"
    );
    EXPECT_EQ(session->ask("SEARCH MODSEQ 14"), "* SEARCH 1 4 (MODSEQ 15)\r\nA OK done\r\n");
    EXPECT_EQ(
        session->ask("SEARCH RETURN (MAX) MODSEQ \"/flags/\\\\Seen\" all 13"),
        "* ESEARCH (TAG \"A\") MAX 4 MODSEQ 14\r\nA OK done\r\n"
    );
    // What did not change keeps its own.
    EXPECT_EQ(
        session->ask("STORE 1 +FLAGS (\\Seen)"), "* 1 FETCH (MODSEQ (15) FLAGS (\\Seen))\r\nA OK done\r\n"
    );
    inbox().flag(5, Flag::answered);
    EXPECT_EQ(session->ask("NOOP"), "* 3 FETCH (MODSEQ (16) FLAGS (\\Answered))\r\nA OK done\r\n");
    EXPECT_EQ(
        session->ask("STATUS INBOX (HIGHESTMODSEQ)"), "* STATUS \"INBOX\" (HIGHESTMODSEQ 16)\r\nA OK done\r\n"
    );
}

TEST_F(ImapServerTest, ModseqIsToldUnaskedOnlyWhoHasUsedIt) {
    auto plain = selected();
    EXPECT_EQ(plain->ask("STORE 1 FLAGS (\\Seen)"), "* 1 FETCH (FLAGS (\\Seen))\r\nA OK done\r\n");
    auto enabled = selected("CONDSTORE");
    EXPECT_EQ(
        enabled->ask("STORE 2 FLAGS (\\Seen)"), "* 2 FETCH (MODSEQ (16) FLAGS (\\Seen))\r\nA OK done\r\n"
    );
    auto chosen = login();
    EXPECT_THAT(chosen->ask("SELECT INBOX (CONDSTORE)"), HasSubstr("A OK"));
    EXPECT_EQ(
        chosen->ask("STORE 3 FLAGS (\\Seen)"), "* 3 FETCH (MODSEQ (17) FLAGS (\\Seen))\r\nA OK done\r\n"
    );
    EXPECT_THAT(chosen->ask("SELECT INBOX (QRESYNC)"), StartsWith("A BAD"));
}

TEST_F(ImapServerTest, KeywordsAreMadeUpByClients) {
    auto session = selected();
    auto other = selected();
    EXPECT_EQ(
        session->ask("STORE 1 +FLAGS (urgent \\Odd $Forwarded)"),
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded urgent)\r\n"
        "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded urgent \\*)] these "
        "are kept\r\n"
        "* 1 FETCH (FLAGS ($Forwarded urgent))\r\nA OK done\r\n"
    );
    EXPECT_EQ(session->ask("STORE 2 +FLAGS.SILENT URGENT"), "A OK done\r\n");
    EXPECT_EQ(session->ask("SEARCH KEYWORD Urgent"), "* SEARCH 1 2\r\nA OK done\r\n");
    EXPECT_EQ(session->ask("SEARCH UNKEYWORD urgent"), "* SEARCH 3 4\r\nA OK done\r\n");
    EXPECT_EQ(session->ask("SEARCH KEYWORD never"), "* SEARCH\r\nA OK done\r\n");
    // The others are told of the name before they meet it.
    EXPECT_THAT(
        other->ask("NOOP"),
        testing::ContainsRegex("urgent\\)\r\n(.*\r\n)*\\* 1 FETCH \\(FLAGS \\(\\$Forwarded urgent\\)\\)")
    );
    for (int i = 0; i < 25; ++i)
        session->ask("STORE 3 +FLAGS.SILENT (w" + std::to_string(i) + ")");
    EXPECT_EQ(
        session->ask("STORE 3 +FLAGS.SILENT (more)"),
        "A NO [LIMIT] a mailbox has no more than 26 keywords\r\n"
    );
    EXPECT_THAT(session->ask("EXAMINE INBOX"), Not(HasSubstr("\\*")));
}

TEST_F(ImapServerTest, BinaryTakesTheTransferCodingOff) {
    inbox().add(std::string(kLetter));
    auto session = selected();
    const std::string nul("* 5 FETCH (BINARY[1] ~{4}\r\nhi\0!)\r\nA OK done\r\n", 45);
    EXPECT_EQ(session->ask("FETCH 5 BINARY.PEEK[1]"), nul);
    EXPECT_EQ(
        session->ask("FETCH 5 BINARY.PEEK[1]<0.2>"), "* 5 FETCH (BINARY[1]<0> {2}\r\nhi)\r\nA OK done\r\n"
    );
    EXPECT_EQ(session->ask("FETCH 5 BINARY.SIZE[1]"), "* 5 FETCH (BINARY.SIZE[1] 4)\r\nA OK done\r\n");
    EXPECT_THAT(session->ask("FETCH 5 BINARY.PEEK[2]"), HasSubstr("A NO [UNKNOWN-CTE]"));
    EXPECT_THAT(session->ask("FETCH 5 BINARY.PEEK[9]"), HasSubstr("(BINARY[9] NIL)"));
    EXPECT_THAT(session->ask("FETCH 5 BINARY[1]"), HasSubstr("FLAGS (\\Seen)"));
    EXPECT_THAT(session->ask("FETCH 5 BINARY.PEEK[1.HEADER]"), StartsWith("A BAD"));
    session->transport.receive("A APPEND INBOX ~{3+}\r\na");
    session->transport.receive(Bytes("\0b\r\n", 4));
    EXPECT_THAT(session->transport.takeValue(), HasSubstr("* 6 EXISTS\r\nA OK [APPENDUID 77 8]"));
    EXPECT_EQ(inbox().messages.back().text, std::string("a\0b", 3));
}

TEST_F(ImapServerTest, ALongMessageIsSentAsItIsRead) {
    std::string text = "Subject: long\r\n\r\n";
    while (text.size() < 3'000'000)
        text += "a line of number " + std::to_string(text.size()) + "\r\n";
    inbox().add(text);
    auto session = selected();
    const std::string size = std::to_string(text.size());
    EXPECT_EQ(
        session->ask("FETCH 4:5 (UID BODY.PEEK[] RFC822.SIZE)"),
        "* 4 FETCH (UID 6 BODY[] {23}\r\nSubject: four\r\n\r\ntext\r\n RFC822.SIZE 23)\r\n"
        "* 5 FETCH (UID 7 BODY[] {" +
            size + "}\r\n" + text + " RFC822.SIZE " + size + ")\r\nA OK done\r\n"
    );
    EXPECT_EQ(
        session->ask("FETCH 5 BODY.PEEK[]<2000000.50>"),
        "* 5 FETCH (BODY[]<2000000> {50}\r\n" + text.substr(2'000'000, 50) + ")\r\nA OK done\r\n"
    );
    EXPECT_EQ(
        session->ask("FETCH 5 BODY.PEEK[]<9000000.50>"),
        "* 5 FETCH (BODY[]<9000000> {0}\r\n)\r\nA OK done\r\n"
    );
    // A client that does not read stops it, and it goes on when there is room.
    session->transport.holdWrites();
    EXPECT_LT(session->ask("FETCH 5 BODY.PEEK[]").size(), 500'000U);
    session->transport.drain();
    EXPECT_THAT(session->transport.takeValue(), EndsWith(")\r\nA OK done\r\n"));
}

TEST_F(ImapServerTest, NumbersStayWhileACommandUsesThem) {
    auto session = selected();
    inbox().remove(3);
    inbox().add("Subject: five\r\n\r\n");
    inbox().touch();
    reactor.advance(std::chrono::seconds(2));
    EXPECT_EQ(session->ask("FETCH 4 UID"), "* 4 FETCH (UID 6)\r\nA OK done\r\n");
    EXPECT_EQ(session->ask("SEARCH SUBJECT t"), "* SEARCH 2 3\r\nA OK done\r\n");
    EXPECT_EQ(session->ask("STORE 4 FLAGS.SILENT ()"), "A OK done\r\n");
    // It is told with the next command that lets numbers change.
    EXPECT_EQ(
        session->ask("UID FETCH 6 UID"), "* 4 FETCH (UID 6)\r\n* 1 EXPUNGE\r\n* 4 EXISTS\r\nA OK done\r\n"
    );
    EXPECT_EQ(session->ask("NOOP"), "A OK done\r\n");
}

TEST_F(ImapServerTest, AMessageThatIsGoneIsSaid) {
    auto session = selected();
    inbox().remove(4);
    EXPECT_EQ(
        session->ask("FETCH 1:2 BODY.PEEK[HEADER.FIELDS (SUBJECT)]"),
        "* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {16}\r\nSubject: one\r\n\r\n)\r\n"
        "A NO [EXPUNGEISSUED] some of the messages are gone\r\n"
    );
}

TEST_F(ImapServerTest, IdleTellsAtOnce) {
    auto session = selected();
    EXPECT_EQ(session->ask("IDLE"), "+ say DONE when it is enough\r\n");
    inbox().add("Subject: five\r\n\r\n");
    inbox().touch();
    EXPECT_EQ(session->transport.takeValue(), "* 5 EXISTS\r\n");
    session->transport.receive("DONE\r\n");
    EXPECT_EQ(session->transport.takeValue(), "A OK idle ended\r\n");
}

TEST_F(ImapServerTest, WhatIsMovedIsGoneHere) {
    auto session = selected();
    EXPECT_EQ(
        session->ask("UID MOVE 4,6 Sent"),
        "* OK [COPYUID 77 4,6 3:4] moved\r\n* 2 EXPUNGE\r\n* 3 EXPUNGE\r\nA OK moved\r\n"
    );
    EXPECT_EQ(session->ask("COPY 1 Nowhere"), "A NO [TRYCREATE] there is no such mailbox\r\n");
    EXPECT_EQ(session->ask("COPY 9 Sent"), "A OK there are none\r\n");
    EXPECT_EQ(
        session->ask("STATUS Sent (MESSAGES UIDNEXT)"),
        "* STATUS \"Sent\" (MESSAGES 2 UIDNEXT 5)\r\nA OK done\r\n"
    );
}

TEST_F(ImapServerTest, CloseExpungesWithoutAWordAndUnselectDoesNot) {
    auto session = selected();
    session->ask("STORE 1 +FLAGS (\\Deleted)");
    EXPECT_EQ(session->ask("UNSELECT"), "A OK done\r\n");
    EXPECT_EQ(inbox().messages.size(), 4U);
    EXPECT_THAT(session->ask("FETCH 1 UID"), StartsWith("A BAD"));
    session->ask("SELECT INBOX");
    EXPECT_EQ(session->ask("CLOSE"), "A OK done\r\n");
    EXPECT_EQ(inbox().messages.size(), 3U);
}

TEST_F(ImapServerTest, SetsMayOverlapAndRunBackwards) {
    auto session = selected();
    EXPECT_EQ(
        session->ask("FETCH 3:1,2,*:4 UID"),
        "* 1 FETCH (UID 3)\r\n* 2 FETCH (UID 4)\r\n* 3 FETCH (UID 5)\r\n* 4 FETCH (UID 6)\r\nA OK done\r\n"
    );
    // RFC 9051 section 9: the last one is in it though it is less.
    EXPECT_EQ(session->ask("UID FETCH 100:* FLAGS"), "* 4 FETCH (UID 6 FLAGS ())\r\nA OK done\r\n");
    EXPECT_EQ(session->ask("UID FETCH 100:200 FLAGS"), "A OK done\r\n");
}

} // namespace
} // namespace twistdpp::imap
