#include "read_text.h"
#include "support/scratch_folder.h"

#include "twistdpp/dns_zone/python_reader.h"

#include <gmock/gmock.h>

namespace twistdpp::dns::test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {

const std::string kSoa = "SOA('example.test', mname='ns.example.test', rname='root.example.test', serial=1,\n"
                         "refresh='1H', retry='30m', expire='1W', minimum=300)";
const std::string kNs = "NS('example.test', 'ns.other.test')";

Lines recordsOf(const LoadedZone& loaded) {
    Lines lines = messages(loaded.problems);
    if (!loaded.zone)
        return lines;
    loaded.zone->forEachSet([&](Bytes owner, const RecordSet& set) {
        for (const Bytes rdata : set)
            lines.push_back(
                nameText(owner) + ' ' + std::to_string(set.ttl()) + ' ' + typeText(set.type()) + ' ' +
                formatRdata(set.type(), rdata)
            );
    });
    return lines;
}

/// What one more call in a good zone becomes: the record, or the problem.
std::string made(const std::string& call) {
    const Lines lines = recordsOf(pythonZone("zone = [" + kSoa + ',' + kNs + ",\n" + call + "]\n", "z.py"));
    return lines.empty() ? "" : lines.back();
}

std::string problemOf(const std::string& text) {
    const LoadedZone loaded = pythonZone(text, "z.py");
    EXPECT_EQ(loaded.zone, nullptr) << text;
    return loaded.problems.empty() ? "" : loaded.problems[0].message();
}

} // namespace

TEST(PythonZone, IsAListOfCalls) {
    const LoadedZone loaded = pythonZone(
        "# -*- coding: utf-8 -*-\n"
        "\"\"\"The zone\nof the tests.\"\"\"\n"
        "zone = [\n"
        "    SOA(\n"
        "        # the zone\n"
        "        'example.test',\n"
        "        mname = \"ns.example.test\", rname = b\"root.example.test.\",\n"
        "        serial = 2003010601, refresh = \"1H\", retry = \"1h30m\", expire = '1Y',\n"
        "        minimum = 300\n"
        "    ),\n"
        "    NS('example.test', 'ns.example.test'),\n"
        "    A('ns.example.test', '192.0.2.1', 60),\n"
        "    A('a.example.test', address='192.0.2.2', ttl='2m') if False else None\n"
        "]\n",
        "z.py"
    );
    EXPECT_EQ(loaded.zone, nullptr);
    EXPECT_THAT(messages(loaded.problems), ElementsAre("z.py:14: a comma or ] is missing before 'if'"));
    const LoadedZone good = pythonZone(
        "zone = [" + kSoa + ",\n" + kNs + ",\nA('www.example.test', '192.0.2.1', ttl='2M'),\n]\n# end", "z.py"
    );
    EXPECT_THAT(
        recordsOf(good),
        ElementsAre(
            "example.test. 300 SOA ns.example.test. root.example.test. 1 3600 1800 604800 300",
            "example.test. 300 NS ns.other.test.", "www.example.test. 120 A 192.0.2.1"
        )
    );
}

TEST(PythonZone, EveryTypeHasItsArgumentsInOrder) {
    EXPECT_EQ(made("AAAA('a.example.test', '2001:db8::1')"), "a.example.test. 300 AAAA 2001:db8::1");
    EXPECT_EQ(made("CNAME('a.example.test', 'b.test')"), "a.example.test. 300 CNAME b.test.");
    EXPECT_EQ(made("DNAME('a.example.test', name='b.test')"), "a.example.test. 300 DNAME b.test.");
    EXPECT_EQ(made("PTR('a.example.test', 'b.test', ttl=5)"), "a.example.test. 5 PTR b.test.");
    EXPECT_EQ(made("MX('a.example.test', 10, 'b.test')"), "a.example.test. 300 MX 10 b.test.");
    EXPECT_EQ(
        made("MX('a.example.test', exchange='b.test', preference='7')"), "a.example.test. 300 MX 7 b.test."
    );
    EXPECT_EQ(
        made("TXT('a.example.test', 'v=1; a \"b\"', b'\\xff', ttl=9)"),
        "a.example.test. 9 TXT \"v=1; a \\\"b\\\"\" \"\\255\""
    );
    EXPECT_EQ(made("SPF('a.example.test', 'v=spf1 -all')"), "a.example.test. 300 SPF \"v=spf1 -all\"");
    EXPECT_EQ(
        made("SRV('a.example.test', 1, 2, port=3, target='b.test')"), "a.example.test. 300 SRV 1 2 3 b.test."
    );
    EXPECT_EQ(
        made("NAPTR('a.example.test', 1, 2, 'u', 'sip+E2U', r'!^.*$!sip:\\1@b!', '')"),
        "a.example.test. 300 NAPTR 1 2 \"u\" \"sip+E2U\" \"!^.*$!sip:\\\\1@b!\" ."
    );
    EXPECT_EQ(made("HINFO('a.example.test', 'cpu', os='o s')"), "a.example.test. 300 HINFO \"cpu\" \"o s\"");
    EXPECT_EQ(
        made("RP('a.example.test', mbox='me.b.test', txt='t.b.test')"),
        "a.example.test. 300 RP me.b.test. t.b.test."
    );
    EXPECT_EQ(made("AFSDB('a.example.test', 1, 'b.test')"), "a.example.test. 300 AFSDB 1 b.test.");
    EXPECT_EQ(
        made("MINFO('a.example.test', 'r.test', 'e.test')"), "a.example.test. 300 MINFO r.test. e.test."
    );
    EXPECT_EQ(
        made("SSHFP('a.example.test', 4, fingerprintType=1, "
             "fingerprint=b'0123456789\\x00\\x01\\x02\\x03\\x04abcde')"),
        "a.example.test. 300 SSHFP 4 1 3031323334353637383900010203046162636465"
    );
    EXPECT_EQ(made("NULL('a.example.test', b'\\x01A')"), "a.example.test. 300 NULL \\# 2 0141");
}

TEST(PythonZone, LiteralsAreThoseOfPython) {
    const auto text = [](const std::string& literal) {
        return made("TXT('t.example.test', " + literal + ")").substr(24);
    };
    EXPECT_EQ(text("'a' \"b\"\n'c'"), "\"abc\"");
    EXPECT_EQ(text("'''a'b'''"), "\"a'b\"");
    EXPECT_EQ(text("'\\x41\\101\\n\\\\\\q'"), "\"AA\\010\\\\\\\\q\"");
    EXPECT_EQ(text("u'\\u00e4'"), "\"\\195\\164\"");
    EXPECT_EQ(text("'\\U0001F600'"), "\"\\240\\159\\152\\128\"");
    EXPECT_EQ(text("Rb'\\x41'"), "\"\\\\x41\"");
    EXPECT_EQ(text("'a\\\nb'"), "\"ab\"");
    EXPECT_EQ(made("MX('t.example.test', 0x1_0, 'b')"), "t.example.test. 300 MX 16 b.");
    EXPECT_EQ(made("MX('t.example.test', 0o17, 'b', None)"), "t.example.test. 300 MX 15 b.");
}

TEST(PythonZone, CodeIsRefusedWithItsLine) {
    EXPECT_EQ(
        problemOf("import os\nzone = []\n"), "z.py:1: 'import' is not understood: the file is read as data "
                                             "and never run, so there is only zone = [...]"
    );
    EXPECT_EQ(
        problemOf("\nzone = []\nfoo()"),
        "z.py:3: 'foo' is not understood: the file is read as data and never run, "
        "so there is only zone = [...]"
    );
    EXPECT_EQ(
        problemOf("zone = [\n open('x')]"),
        "z.py:2: 'open' is no record type that a Python zone can have; use a master file for others"
    );
    EXPECT_EQ(
        problemOf("zone = [A('a', getAddress())]"),
        "z.py:1: 'getAddress' is no literal: the file is read as data and never run"
    );
    EXPECT_EQ(
        problemOf("zone = [A('a', address=x)]"),
        "z.py:1: 'x' is no literal: the file is read as data and never run"
    );
    EXPECT_EQ(
        problemOf("zone = [A('a', '1.2.3.' + '4')]"),
        "z.py:1: a comma or ) is missing before '+': arguments are literals only"
    );
    EXPECT_THAT(problemOf("zone = [A('a', -1)]"), HasSubstr("'-' is no literal"));
    EXPECT_THAT(problemOf("zone = [A('a', f'x')]"), HasSubstr("'f' is no literal"));
    EXPECT_THAT(problemOf("zone = [A(*a)]"), HasSubstr("'*' is no literal"));
    EXPECT_THAT(problemOf("zone = [x for x in y]"), HasSubstr("'x' is no record type"));
    EXPECT_THAT(problemOf("zone += []"), HasSubstr("'zone' is not understood"));
}

TEST(PythonZone, MistakesOfFormAreTold) {
    EXPECT_EQ(problemOf(""), "z.py:1: there is no zone = [...] in the file");
    EXPECT_EQ(problemOf("zone = []\nzone = []"), "z.py:2: there is a second zone = [...]");
    EXPECT_EQ(problemOf("zone = ()"), "z.py:1: zone is to be a list: zone = [...]");
    EXPECT_EQ(problemOf("zone = []"), "z.py: there is no SOA(...) in the list, so the zone has no name");
    EXPECT_EQ(
        problemOf("zone = [\nA('a', '1.2.3.4')\n"),
        "z.py:3: a comma or ] is missing before the end of the file"
    );
    EXPECT_EQ(problemOf("zone = [A('a', 'x\n')]"), "z.py:1: a string is not closed");
    EXPECT_EQ(problemOf("zone = [A('a', '''x\n\n"), "z.py:1: a string is not closed");
    EXPECT_EQ(problemOf("zone = [A('a', 'x', 1, 2)]"), "z.py:1: A(...) has too many arguments");
    EXPECT_EQ(problemOf("zone = [A('a', 'x', address='y')]"), "z.py:1: A(...) has one argument twice");
    EXPECT_EQ(problemOf("zone = [A('a', adress='y')]"), "z.py:1: A(...) has no argument 'adress'");
    EXPECT_EQ(problemOf("zone = [A('a')]"), "z.py:1: A(...) has no address");
    EXPECT_EQ(problemOf("zone = [A()]"), "z.py:1: A(...) has no name of its owner");
    EXPECT_EQ(
        problemOf("zone = [A(ttl=1, 'a')]"),
        "z.py:1: an argument without a keyword follows one with a keyword"
    );
    EXPECT_EQ(problemOf("zone = [TXT('a', data='y')]"), "z.py:1: TXT(...) has no argument 'data'");
    EXPECT_EQ(problemOf("zone = [MX('a', 012, 'b')]"), "z.py:1: '012' is no whole number");
    EXPECT_EQ(problemOf("zone = [MX('a', 1.5, 'b')]"), "z.py:1: '1.5' is no whole number");
    EXPECT_EQ(problemOf("zone = [TXT('a', 'b' b'c')]"), "z.py:1: text and bytes stand side by side");
    EXPECT_EQ(
        problemOf("zone = [TXT('a', '\\xg0')]"), "z.py:1: a string has an escape that stands for no character"
    );
    EXPECT_EQ(
        problemOf("zone = [TXT('a', '\\ud800')]"),
        "z.py:1: a string has an escape that stands for no character"
    );
}

TEST(PythonZone, MistakesOfRecordsAreToldAllAtOnce) {
    const LoadedZone loaded = pythonZone(
        "zone = [" + kSoa + ',' + kNs +
            ",\nA('www.example.test', '192.0.2'),\nA('a..b', '192.0.2.1'),\n"
            "A('org', '192.0.2.1'), MX('x.example.test', 70000, 'b'),\nA('y.example.test', '192.0.2.1', "
            "ttl='x')]",
        "z.py"
    );
    EXPECT_EQ(loaded.zone, nullptr);
    EXPECT_THAT(
        messages(loaded.problems),
        ElementsAre(
            HasSubstr("z.py:3: www.example.test. A: the address '192.0.2'"),
            HasSubstr("z.py:4: A: the name 'a..b' has an empty label"), "z.py:5: org. A: is out of the zone",
            HasSubstr("z.py:5: x.example.test. MX: "),
            HasSubstr("z.py:6: y.example.test. A: the time 'x' is no time")
        )
    );
}

TEST(PythonZone, IsLoadedFromAFile) {
    const twistdpp::test::ScratchFolder folder;
    const std::string path = folder.write("z.py", "zone = [" + kSoa + ',' + kNs + "]\n");
    const LoadedZone loaded = loadPythonZone(path);
    ASSERT_NE(loaded.zone, nullptr) << testing::PrintToString(messages(loaded.problems));
    EXPECT_EQ(nameText(loaded.zone->origin()), "example.test.");
    EXPECT_THAT(loaded.files, ElementsAre(path));
    EXPECT_THAT(
        messages(loadPythonZone("/nowhere/z.py").problems),
        ElementsAre("/nowhere/z.py: read /nowhere/z.py: No such file or directory")
    );
}

} // namespace twistdpp::dns::test
