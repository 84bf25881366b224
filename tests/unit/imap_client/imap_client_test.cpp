#include "twistdpp/imap_client/imap_client.h"

#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/reactor/errors.h"

#include <gtest/gtest.h>

// The client's end of IMAP, against a server that the test plays.

namespace twistdpp::imap {
namespace {

class Reader final : public IMAP4Client {
public:
    std::vector<std::string> events;

private:
    void serverGreeting(const std::string& text) override { events.push_back("hello " + text); }
    void newMessages(std::uint32_t exists) override { events.push_back("exists " + std::to_string(exists)); }
    void expunged(std::uint32_t number) override { events.push_back("expunged " + std::to_string(number)); }
    void flagsChanged(std::uint32_t number, const std::vector<std::string>& flags) override {
        events.push_back("flags " + std::to_string(number) + (flags.empty() ? "" : " " + flags.front()));
    }
};

class ImapClient : public testing::Test {
protected:
    ImapClient() : transport(reactor) {
        auto made = std::make_unique<Reader>();
        client = made.get();
        transport.connect(std::move(made));
    }
    void greet() { hear("* OK [CAPABILITY IMAP4rev1] ready"); }
    std::string hear(const std::string& text) {
        transport.receive(text + "\r\n");
        return transport.takeValue();
    }
    template <class T>
    std::shared_ptr<std::optional<Outcome<T>>> watch(Deferred<T> call) {
        auto out = std::make_shared<std::optional<Outcome<T>>>();
        std::move(call).addBoth([out](Outcome<T> end) { *out = std::move(end); }).detach();
        return out;
    }

    test::ManualReactor reactor;
    test::StringTransport transport;
    Reader* client = nullptr;
};

TEST_F(ImapClient, AsksOneBehindTheOther) {
    greet();
    EXPECT_EQ(client->events, (std::vector<std::string>{"hello [CAPABILITY IMAP4rev1] ready"}));
    const auto first = watch(client->noop());
    const auto second = watch(client->command("NAMESPACE"));
    EXPECT_EQ(transport.takeValue(), "A1 NOOP\r\n");
    EXPECT_EQ(hear("A1 OK done"), "A2 NAMESPACE\r\n");
    EXPECT_TRUE((*first)->ok());
    hear("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\nA2 NO [TRYCREATE] not here");
    EXPECT_EQ((*second)->failure().as<IMAP4Error>()->code(), "TRYCREATE");
    EXPECT_EQ((*second)->failure().message(), "not here");
}

TEST_F(ImapClient, OpensAMailbox) {
    greet();
    const auto state = watch(client->select("Entwürfe & \"x\""));
    EXPECT_EQ(transport.takeValue(), "A1 SELECT \"Entw&APw-rfe &- \\\"x\\\"\"\r\n");
    hear("* 3 EXISTS\r\n* FLAGS (\\Seen \\Answered)\r\n* OK [UIDVALIDITY 77] ok\r\n* OK [UIDNEXT 12] "
         "(unbalanced\r\n"
         "A1 OK [READ-WRITE] done");
    const MailboxState& got = (*state)->value();
    EXPECT_EQ(got.exists, 3U);
    EXPECT_EQ(got.uidValidity, 77U);
    EXPECT_EQ(got.uidNext, 12U);
    EXPECT_EQ(got.flags, (std::vector<std::string>{"\\Seen", "\\Answered"}));
    EXPECT_FALSE(got.readOnly);
    EXPECT_EQ(client->events.back(), "exists 3");
}

TEST_F(ImapClient, FetchesLiteralsHoweverTheyCome) {
    const std::string answer =
        "* 1 FETCH (UID 5 RFC822.SIZE 10 BODY[HEADER.FIELDS (Subject)] {14}\r\nSubject: (x)\r\n "
        "FLAGS (\\Seen))\r\n* 2 FETCH (BODY[] {0}\r\n ENVELOPE (NIL \"s\" ((NIL NIL \"a\" \"b\"))))\r\n"
        "A1 OK done\r\n";
    greet();
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, answer.size()}) {
        const auto found = watch(client->fetch("1:*", "(UID)", true));
        const std::string asked = transport.takeValue();
        std::string text = answer;
        text.replace(text.find("A1 OK"), 2, asked.substr(0, asked.find(' ')));
        EXPECT_NE(asked.find(" UID FETCH 1:* (UID)\r\n"), std::string::npos);
        for (std::size_t at = 0; at < text.size(); at += step)
            transport.receive(Bytes(text).substr(at, step));
        ASSERT_TRUE(*found && (*found)->ok());
        const auto& messages = (*found)->value();
        ASSERT_EQ(messages.size(), 2U);
        EXPECT_EQ(messages.at(1).uid, 5U);
        EXPECT_EQ(messages.at(1).size, 10U);
        EXPECT_EQ(messages.at(1).body.at("BODY[HEADER.FIELDS (SUBJECT)]"), "Subject: (x)\r\n");
        EXPECT_EQ(messages.at(1).flags, (std::vector<std::string>{"\\Seen"}));
        EXPECT_EQ(messages.at(2).body.at("BODY[]"), "");
        EXPECT_EQ(messages.at(2).others.at("ENVELOPE").items[2].items[0].items[2].text, "a");
    }
}

TEST_F(ImapClient, SendsALiteralWhenTheServerWantsIt) {
    greet();
    const auto done = watch(client->append("INBOX", "a\r\nb", {"\\Seen"}));
    EXPECT_EQ(transport.takeValue(), "A1 APPEND \"INBOX\" (\\Seen) {4}\r\n");
    EXPECT_EQ(hear("+ go on"), "a\r\nb\r\n");
    hear("A1 OK [APPENDUID 1 7] done");
    EXPECT_EQ((*done)->value().code, "APPENDUID 1 7");
}

TEST_F(ImapClient, LogsInBySaslAndByLogin) {
    greet();
    const auto first = watch(client->login(SaslIdentity("joe", Secret("x"))));
    EXPECT_EQ(transport.takeValue(), "A1 CAPABILITY\r\n");
    EXPECT_EQ(hear("* CAPABILITY IMAP4rev1 AUTH=CRAM-MD5\r\nA1 OK"), "A2 AUTHENTICATE CRAM-MD5\r\n");
    EXPECT_NE(hear("+ PDFAeD4="), "");
    hear("A2 NO [AUTHENTICATIONFAILED] no");
    EXPECT_EQ((*first)->failure().as<IMAP4Error>()->code(), "AUTHENTICATIONFAILED");
    const auto second = watch(client->login(SaslIdentity("joe", Secret("pass\"word"))));
    EXPECT_EQ(transport.takeValue(), "A3 CAPABILITY\r\n");
    EXPECT_EQ(hear("* CAPABILITY IMAP4rev1\r\nA3 OK"), "A4 LOGIN \"joe\" \"pass\\\"word\"\r\n");
    hear("A4 OK");
    EXPECT_TRUE((*second)->ok());
}

TEST_F(ImapClient, ShowsNoPasswordOverANetwork) {
    transport.setPeer(*Address::parse("192.0.2.1", 143));
    greet();
    const auto done = watch(client->login(SaslIdentity("joe", Secret("x"))));
    transport.takeValue();
    EXPECT_EQ(hear("* CAPABILITY IMAP4rev1\r\nA1 OK"), "");
    EXPECT_EQ((*done)->failure().message(), "the server offers no way to log in that is safe here");
}

TEST_F(ImapClient, ListensForChanges) {
    greet();
    client->events.clear();
    const auto idle = watch(client->idle());
    EXPECT_EQ(transport.takeValue(), "A1 IDLE\r\n");
    hear("+ idling\r\n* 4 EXISTS\r\n* 2 EXPUNGE\r\n* 1 FETCH (FLAGS (\\Seen))");
    EXPECT_EQ(client->events, (std::vector<std::string>{"exists 4", "expunged 2", "flags 1 \\Seen"}));
    client->done();
    EXPECT_EQ(transport.takeValue(), "DONE\r\n");
    hear("A1 OK");
    EXPECT_TRUE((*idle)->ok());
}

TEST_F(ImapClient, SearchesListsAndAsksForStates) {
    greet();
    const auto found = watch(client->search("UNSEEN"));
    hear("* SEARCH 2 84 882\r\nA1 OK");
    EXPECT_EQ((*found)->value(), (std::vector<std::uint32_t>{2, 84, 882}));
    const auto listed = watch(client->list("", "*"));
    hear("* LIST (\\HasNoChildren \\Sent) \"/\" \"Entw&APw-rfe\"\r\n* LIST () NIL INBOX\r\nA2 OK");
    ASSERT_EQ((*listed)->value().size(), 2U);
    EXPECT_EQ((*listed)->value()[0].name, "Entwürfe");
    EXPECT_EQ((*listed)->value()[0].attributes[1], "\\Sent");
    const auto state = watch(client->status("INBOX", "MESSAGES UNSEEN"));
    hear("* STATUS INBOX (MESSAGES 231 unseen 4)\r\nA3 OK");
    EXPECT_EQ((*state)->value(), (std::map<std::string, std::uint64_t>{{"MESSAGES", 231}, {"UNSEEN", 4}}));
}

TEST_F(ImapClient, AServerThatIsNoneIsLeft) {
    hear("220 smtp here");
    EXPECT_TRUE(transport.closing());
}

TEST_F(ImapClient, NonsenseEndsTheConnectionAndWhatWasAsked) {
    greet();
    const auto done = watch(client->noop());
    hear("* 1 FETCH ((((");
    EXPECT_TRUE(transport.closing());
    transport.lose(Failure(ConnectionAborted("the server does not speak IMAP")));
    EXPECT_TRUE((*done)->failure().check<ConnectionAborted>());
}

TEST(Values, AreReadOrNot) {
    const auto values = readValues("BODY (\"a\" NIL 5) {3}\r\nx)y");
    ASSERT_TRUE(values);
    ASSERT_EQ(values->size(), 3U);
    EXPECT_EQ((*values)[1].items[0].text, "a");
    EXPECT_EQ((*values)[1].items[1].kind, Value::Kind::nil);
    EXPECT_EQ((*values)[1].items[2].number(), 5U);
    EXPECT_EQ((*values)[2].text, "x)y");
    for (const char* text : {"(", ")", "\"a", "{5}\r\nab", "(a))"})
        EXPECT_FALSE(readValues(text)) << text;
    EXPECT_FALSE(readValues(std::string(1000, '(') + std::string(1000, ')')));
    EXPECT_TRUE(readValues(""));
}

} // namespace
} // namespace twistdpp::imap
