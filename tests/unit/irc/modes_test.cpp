#include "twistdpp/irc/isupport.h"
#include "twistdpp/irc/modes.h"

#include <gtest/gtest.h>

namespace twistdpp::irc {
namespace {

constexpr ModeTable kTable("b,k,l,imn", "(ov)@+");
static_assert(kTable.kind('b') == ModeKind::list);
static_assert(kTable.kind('k') == ModeKind::always);
static_assert(kTable.kind('l') == ModeKind::onSet);
static_assert(kTable.kind('m') == ModeKind::flag);
static_assert(kTable.kind('v') == ModeKind::prefix);
static_assert(kTable.kind('z') == ModeKind::unknown);

std::string walk(Bytes line) {
    Message message;
    EXPECT_EQ(parseMessage(line, message), ParseStatus::ok);
    ModeReader reader(kTable, message, 1);
    std::string out;
    for (ModeChange change; reader.next(change);) {
        out += change.adding ? '+' : '-';
        out += change.letter;
        if (change.hasParam)
            out += "(" + std::string(change.param) + ")";
    }
    return out;
}

TEST(IrcModes, EachLetterTakesWhatItsKindNeeds) {
    EXPECT_EQ(walk("MODE #a +ov-k+l a b key 5"), "+o(a)+v(b)-k(key)+l(5)");
    EXPECT_EQ(walk("MODE #a -l+m"), "-l+m");
    EXPECT_EQ(walk("MODE #a b"), "+b");
    EXPECT_EQ(walk("MODE #a +oo one"), "+o(one)+o");
    EXPECT_EQ(walk("MODE #a +-+-"), "");
    EXPECT_EQ(walk("MODE #a +\xc3z"), "+\xc3+z");
}

TEST(IrcModes, ChangesAreWrittenWithOneSignForARow) {
    ModeWriter writer;
    EXPECT_TRUE(writer.empty());
    writer.add(true, 'o', "a");
    writer.add(true, 'm');
    writer.add(false, 'k', "*");
    EXPECT_EQ(writer.text(), "+om-k a *");
}

void tell(ISupport& supported, Bytes tokens) {
    Message message;
    const std::string line = "005 me " + std::string(tokens) + " :are supported by this server";
    ASSERT_EQ(parseMessage(line, message), ParseStatus::ok);
    supported.apply(message);
}

TEST(IrcISupport, HoldsTheRfcsPromisesUntilToldOtherwise) {
    ISupport supported;
    EXPECT_EQ(supported.casemapping(), Casemapping::rfc1459);
    EXPECT_EQ(supported.modes().prefixSymbols(), "@+");
    EXPECT_TRUE(supported.isChannel("#a"));
    EXPECT_EQ(supported.number("NICKLEN", 9), 9U);
    tell(supported, "CASEMAPPING=ascii PREFIX=(qov)~@+ NICKLEN=30 NETWORK=a\\x20b EXCEPTS CHANTYPES=#");
    EXPECT_EQ(supported.casemapping(), Casemapping::ascii);
    EXPECT_EQ(supported.modes().prefixLetters(), "qov");
    EXPECT_EQ(supported.number("NICKLEN", 9), 30U);
    EXPECT_EQ(supported.value("NETWORK"), "a b");
    EXPECT_TRUE(supported.has("EXCEPTS"));
    EXPECT_FALSE(supported.isChannel("&a"));
    tell(supported, "-EXCEPTS");
    EXPECT_FALSE(supported.has("EXCEPTS"));
}

TEST(IrcISupport, BrokenTokensChangeNothingElse) {
    ISupport supported;
    tell(supported, "PREFIX=(o =x - NICKLEN=abc CHANMODES=,,,,,b");
    EXPECT_EQ(supported.modes().prefixLetters(), "");
    EXPECT_EQ(supported.number("NICKLEN", 9), 9U);
    EXPECT_EQ(supported.modes().kind('b'), ModeKind::unknown);
}

} // namespace
} // namespace twistdpp::irc
