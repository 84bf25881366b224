#include "support/dns_ask.h"

#include <gmock/gmock.h>

namespace twistdpp::dns {
namespace {

using Form = Query::Form;

std::string
header(std::uint16_t flags, unsigned questions, unsigned answers, unsigned authority, unsigned additional) {
    std::string made;
    for (const unsigned each : {0x1234U, unsigned(flags), questions, answers, authority, additional})
        append16(made, static_cast<std::uint16_t>(each));
    return made;
}

const std::string kQuestion("\1a\4test\0\0\1\0\1", 12);

std::string opt(const std::string& options = "", std::uint16_t size = 1232, std::uint32_t ttl = 0) {
    std::string made("\0\0\51", 3);
    append16(made, size);
    append32(made, ttl);
    append16(made, static_cast<std::uint16_t>(options.size()));
    return made + options;
}

std::string option(std::uint16_t code, const std::string& value) {
    std::string made;
    append16(made, code);
    append16(made, static_cast<std::uint16_t>(value.size()));
    return made + value;
}

const std::string kTsig("\1k\0\0\372\0\377\0\0\0\0\0\0", 13);

class QueryTest : public testing::Test {
protected:
    Form parse(std::string message) {
        message_ = std::move(message);
        return query_.parse(message_);
    }
    Form withOpt(const std::string& record) { return parse(header(0, 1, 0, 0, 1) + kQuestion + record); }

    std::string message_;
    Query query_;
};

TEST_F(QueryTest, takesAQuestionApart) {
    ASSERT_EQ(parse(header(0x0110, 1, 0, 0, 0) + std::string("\1A\4TeSt\0\0\34\0\1", 12)), Form::good);
    EXPECT_EQ(query_.id, 0x1234);
    EXPECT_EQ(query_.opcode, Opcode::query);
    EXPECT_TRUE(query_.recursionDesired());
    EXPECT_EQ(nameText(query_.name), "A.TeSt.");
    EXPECT_EQ(nameText(query_.key.wire()), "a.test.");
    EXPECT_EQ(query_.type, Type::AAAA);
    EXPECT_EQ(query_.klass, Class::in);
    EXPECT_FALSE(query_.edns.present);
    EXPECT_EQ(query_.edns.udpSize, 512);
    EXPECT_EQ(query_.tsigAt, 0U);
}

TEST_F(QueryTest, whatIsNoRequestIsDropped) {
    EXPECT_EQ(parse(""), Form::drop);
    EXPECT_EQ(parse(header(0, 0, 0, 0, 0).substr(0, 11)), Form::drop);
    EXPECT_EQ(parse(header(0x8000, 1, 0, 0, 0) + kQuestion), Form::drop);
}

// RFC 9619.
TEST_F(QueryTest, hasOneQuestionAtMost) {
    EXPECT_EQ(parse(header(0, 2, 0, 0, 0) + kQuestion + kQuestion), Form::malformed);
    EXPECT_EQ(parse(header(0, 0, 0, 0, 0)), Form::good);
    EXPECT_FALSE(query_.hasQuestion);
}

TEST_F(QueryTest, isAsLongAsItSays) {
    const std::string whole = header(0, 1, 0, 0, 1) + kQuestion + opt(option(3, ""));
    ASSERT_EQ(parse(whole), Form::good);
    for (std::size_t size = 12; size < whole.size(); ++size)
        EXPECT_EQ(parse(whole.substr(0, size)), Form::malformed) << size;
    EXPECT_EQ(parse(whole + '\0'), Form::malformed);
}

TEST_F(QueryTest, aNameIsNoPointer) {
    EXPECT_EQ(parse(header(0, 1, 0, 0, 0) + std::string("\300\14\0\1\0\1", 6)), Form::malformed);
    EXPECT_EQ(parse(header(0, 1, 0, 0, 0) + std::string("\1a\300\14\0\1\0\1", 8)), Form::malformed);
    EXPECT_EQ(parse(header(0, 1, 0, 0, 0) + std::string("\101a\0\0\1\0\1", 7)), Form::malformed);
    std::string longest;
    for (int i = 0; i < 127; ++i)
        longest += std::string("\1x");
    EXPECT_EQ(parse(header(0, 1, 0, 0, 0) + longest + std::string("\0\0\1\0\1", 5)), Form::good);
    EXPECT_EQ(query_.key.labels(), 127U);
    EXPECT_EQ(parse(header(0, 1, 0, 0, 0) + longest + std::string("\1x\0\0\1\0\1", 7)), Form::malformed);
}

TEST_F(QueryTest, readsWhatOptSays) {
    ASSERT_EQ(
        withOpt(opt(option(3, "") + option(11, "") + option(12, "\0\0") + option(65001, "?"), 4096, 0x8000)),
        Form::good
    );
    EXPECT_TRUE(query_.edns.present && query_.edns.dnssecOk && query_.edns.nsid);
    EXPECT_TRUE(query_.edns.keepalive && query_.edns.padding);
    EXPECT_EQ(query_.edns.udpSize, 4096);
    EXPECT_EQ(query_.edns.version, 0);
    ASSERT_EQ(withOpt(opt("", 0, 0x00'01'00'00)), Form::good);
    EXPECT_EQ(query_.edns.version, 1);
    EXPECT_FALSE(query_.edns.dnssecOk || query_.edns.nsid) << "nothing stays of the message before";
    ASSERT_EQ(parse(header(0, 1, 0, 0, 0) + kQuestion), Form::good);
    EXPECT_FALSE(query_.edns.present);
}

// RFC 6891 section 6.1.1.
TEST_F(QueryTest, hasOneOptOfTheRootInTheAdditionalSection) {
    EXPECT_EQ(parse(header(0, 1, 0, 0, 2) + kQuestion + opt() + opt()), Form::malformed);
    EXPECT_EQ(parse(header(0, 1, 0, 1, 0) + kQuestion + opt()), Form::malformed);
    EXPECT_EQ(withOpt("\1a" + opt()), Form::malformed);
    EXPECT_EQ(withOpt(opt(std::string("\0\3\0", 3))), Form::malformed) << "half an option";
    EXPECT_EQ(withOpt(opt(std::string("\0\3\0\1", 4))), Form::malformed) << "longer than the record";
}

// RFC 7873 section 5.2.2.
TEST_F(QueryTest, aCookieHasALength) {
    for (const std::size_t size : {8U, 16U, 24U, 40U}) {
        ASSERT_EQ(withOpt(opt(option(10, std::string(size, 'c')))), Form::good);
        EXPECT_EQ(query_.edns.cookie, std::string(size, 'c'));
        EXPECT_FALSE(query_.edns.badCookie);
    }
    for (const std::size_t size : {0U, 7U, 9U, 15U, 41U}) {
        ASSERT_EQ(withOpt(opt(option(10, std::string(size, 'c')))), Form::good);
        EXPECT_TRUE(query_.edns.badCookie && query_.edns.cookie.empty()) << size;
    }
}

// RFC 8945 section 5.1.
TEST_F(QueryTest, aSignatureIsTheLastRecord) {
    ASSERT_EQ(parse(header(0, 1, 0, 0, 2) + kQuestion + opt() + kTsig), Form::good);
    EXPECT_EQ(query_.tsigAt, message_.size() - kTsig.size());
    EXPECT_EQ(parse(header(0, 1, 0, 0, 2) + kQuestion + kTsig + opt()), Form::malformed);
    EXPECT_EQ(parse(header(0, 1, 0, 0, 2) + kQuestion + kTsig + kTsig), Form::malformed);
    EXPECT_EQ(parse(header(0, 1, 0, 1, 0) + kQuestion + kTsig), Form::malformed);
}

} // namespace
} // namespace twistdpp::dns
