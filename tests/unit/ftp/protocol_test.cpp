#include "twistdpp/files/list_line.h"
#include "twistdpp/ftp/command_reader.h"
#include "twistdpp/ftp/host_port.h"
#include "twistdpp/ftp/line_ends.h"
#include "twistdpp/ftp/listing.h"
#include "twistdpp/ftp/reply.h"

#include <gmock/gmock.h>

namespace twistdpp::ftp {
namespace {

using testing::ElementsAre;
using Kind = files::FileInfo::Kind;

TEST(Reply, OfSeveralLinesHasOneThatLooksLikeTheLast) {
    EXPECT_EQ(Reply(200, "done").toString(), "200 done\r\n");
    Reply reply(211, "first");
    reply.lines.insert(reply.lines.end(), {"211 not the last", "end"});
    EXPECT_EQ(reply.toString(), "211-first\r\n 211 not the last\r\n211 end\r\n");
    EXPECT_EQ(Reply(250, "a\r\n230 b").toString(), "250 a??230 b\r\n");
}

TEST(Reply, QuotesInPathsAreDoubled) {
    EXPECT_EQ(quotedPath("/a \"b\""), "\"/a \"\"b\"\"\"");
    EXPECT_EQ(unquotedPath("\"/a \"\"b\"\"\" is made"), "/a \"b\"");
    EXPECT_EQ(unquotedPath("nothing"), "");
    EXPECT_EQ(unquotedPath("\"open"), "");
}

class Commands : public testing::Test {
protected:
    std::vector<std::string> lines;
    int tooLong = 0;
    CommandReader reader{
        [this](std::string line) { lines.push_back(std::move(line)); }, [this] { ++tooLong; }};
};

TEST_F(Commands, EndWithLfOrCrLf) {
    reader.read("NOOP\r\nUSER a b \nPA");
    reader.read("SS\r\n\r\n");
    EXPECT_THAT(lines, ElementsAre("NOOP", "USER a b ", "PASS", ""));
}

TEST_F(Commands, TelnetIsTakenOut) {
    // IAC IP IAC DM, with the last byte and without it, as it came as urgent data; IAC WILL option; IAC IAC.
    reader.read("\xff\xf4\xff\xf2"
                "ABOR\r\n\xff\xf4\xff"
                "ABOR\r\n\xff\xfb\x01NOOP\r\nRETR \xff\xff.txt\r\n");
    EXPECT_THAT(lines, ElementsAre("ABOR", "ABOR", "NOOP", "RETR \xff.txt"));
}

TEST_F(Commands, ThatAreTooLongAreToldOnceAndSkipped) {
    reader.read(std::string(3 * CommandReader::kLongest, 'a'));
    reader.read("still the same\r\nNOOP\r\n");
    EXPECT_EQ(tooLong, 1);
    EXPECT_THAT(lines, ElementsAre("NOOP"));
}

TEST(Commands2, StopForgetsWhatComesBehind) {
    std::vector<std::string> lines;
    CommandReader* self = nullptr;
    CommandReader reader(
        [&](std::string line) {
            lines.push_back(line);
            if (line == "AUTH TLS")
                self->stop();
        },
        [] {}
    );
    self = &reader;
    reader.read("AUTH TLS\r\nUSER injected\r\nPA");
    reader.read("NOOP\r\n");
    EXPECT_THAT(lines, ElementsAre("AUTH TLS", "NOOP"));
}

TEST(HostPort, Addresses) {
    EXPECT_EQ(parseHostPort("Entering (192,0,2,1,4,1).")->toString(), "192.0.2.1:1025");
    EXPECT_EQ(hostPortText(*Address::parse("192.0.2.1", 1025)), "192,0,2,1,4,1");
    for (const Bytes bad : {"", "1,2,3,4,5", "1,2,3,4,5,6,7", "256,0,0,1,4,1", "a,b,c,d,e,f", "1,2,3,4,5,"})
        EXPECT_FALSE(parseHostPort(bad)) << bad;
    EXPECT_EQ(parseExtendedPort("|1|192.0.2.1|1025|").address->toString(), "192.0.2.1:1025");
    EXPECT_EQ(extendedPortText(*Address::parse("2001:db8::1", 80)), "|2|2001:db8::1|80|");
    EXPECT_FALSE(parseExtendedPort("|3|x|80|").knownFamily);
    for (const Bytes bad :
         {"", "|", "|1|::1|80|", "|2|192.0.2.1|80|", "|1|192.0.2.1|80", "|1|192.0.2.1|99999|", "|1|host|80|"})
        EXPECT_FALSE(parseExtendedPort(bad).address) << bad;
    EXPECT_EQ(parseExtendedPassive("come to (|||6446|)"), 6446);
    for (const Bytes bad : {"", "(", "(|||)", "(|1||80|)", "(|||99999|)"})
        EXPECT_EQ(parseExtendedPassive(bad), 0) << bad;
}

TEST(LineEnds, AreTurnedInPiecesAsInOne) {
    const auto there = [](std::vector<Bytes> pieces) {
        ToNetwork translation;
        std::string out;
        for (const Bytes piece : pieces)
            translation.read(piece, out);
        return out;
    };
    EXPECT_EQ(there({"a\nb\r\nc\r", "\nd\r"}), "a\r\nb\r\nc\r\nd\r");
    const auto back = [](std::vector<Bytes> pieces) {
        FromNetwork translation;
        std::string out;
        for (const Bytes piece : pieces)
            translation.read(piece, out);
        translation.end(out);
        return out;
    };
    EXPECT_EQ(back({"a\r\nb\r", "\nc\r", "d\r"}), "a\nb\nc\rd\r");
}

TEST(Listing, IsWrittenAndRead) {
    files::FileInfo info;
    info.size = 1234;
    info.mode = 0640;
    info.uid = 1000;
    info.modified = 1'795'773'600; // 27 November 2026, 10:00
    const std::string recent = files::listLine("a  name", info, info.modified + 1000);
    EXPECT_EQ(recent, "-rw-r-----    1 1000     0            1234 Nov 27 10:00 a  name");
    EXPECT_EQ(
        files::listLine("x", info, info.modified + 20'000'000),
        "-rw-r-----    1 1000     0            1234 Nov 27  2026 x"
    );
    const auto read = parseListLine(recent);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->name, "a  name");
    EXPECT_EQ(read->size, 1234U);
    EXPECT_EQ(
        factLine("n;a me", info, Fact::all & ~Fact::unique, true),
        "type=file;size=1234;modify=20261127100000;perm=fadrw;UNIX.mode=0640; n;a me"
    );
    info.kind = Kind::folder;
    EXPECT_EQ(
        factLine(".", info, Fact::type | Fact::size | Fact::perm, false, "cdir"), "type=cdir;perm=le; ."
    );
    EXPECT_EQ(parseFacts("size;TYPE;nothing;"), Fact::size | Fact::type);
    EXPECT_EQ(factFeature(Fact::type), "Type*;Size;Modify;Perm;Unique;UNIX.mode;");
}

TEST(Listing, OfOtherServersIsRead) {
    const auto link = parseListLine("lrwxrwxrwx   1 root root 7 Jan  1  2020 bin -> usr/bin\r");
    ASSERT_TRUE(link);
    EXPECT_EQ(link->kind, Kind::link);
    EXPECT_EQ(link->name, "bin");
    EXPECT_EQ(link->target, "usr/bin");
    EXPECT_EQ(parseListLine("lrwxrwxrwx 1 0 0 7 Jan  1  2020  -> x")->name, " -> x"); // a name all the same
    const auto folder = parseListLine("11-27-26  10:00AM       <DIR>          My Files");
    ASSERT_TRUE(folder);
    EXPECT_EQ(folder->kind, Kind::folder);
    EXPECT_EQ(folder->name, "My Files");
    EXPECT_EQ(parseListLine("11-27-26  10:00AM             12345 a.txt")->size, 12345U);
    EXPECT_EQ(parseListLine("-rw-r--r-- 1 owner 5 Nov 27 10:00 no group")->name, "no group");
    for (const Bytes none : {"", "total 5", "-rw-r--r--", "drwx nonsense"})
        EXPECT_FALSE(parseListLine(none)) << none;
    const auto facts = parseFactLine("Type=dir;Modify=20200102030405.678;x.y=z; a; b");
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->kind, Kind::folder);
    EXPECT_EQ(facts->name, "a; b");
    EXPECT_EQ(facts->modified, 1'577'934'245);
    EXPECT_EQ(facts->facts.at("x.y"), "z");
    for (const Bytes none : {"", "nothing", "type=file; ", "type=file name"})
        EXPECT_FALSE(parseFactLine(none)) << none;
}

TEST(Times, OfMdtmAreUtc) {
    EXPECT_EQ(timeText(0), "19700101000000");
    EXPECT_EQ(parseTime("20240229235960"), 1'709'251'200);
    EXPECT_EQ(parseTime("99991231235960"), parseTime("99991231235959")); // the last that has four digits
    for (const Bytes none : {"", "2024022923596", "20230229000000", "20240229240000", "2024022900000x"})
        EXPECT_FALSE(parseTime(none)) << none;
}

} // namespace
} // namespace twistdpp::ftp
