#include "twistdpp/dns_wire/name.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

namespace twistdpp::dns {
namespace {

Name name(Bytes text) {
    auto parsed = Name::parse(text);
    EXPECT_TRUE(parsed.ok()) << text << ": " << (parsed.ok() ? "" : parsed.error().message());
    return parsed.ok() ? *parsed : Name();
}

std::string problem(Bytes text) {
    const auto parsed = Name::parse(text);
    return parsed ? "none" : parsed.error().message();
}

/// A name of that many bytes on the wire, the root counted.
std::string longName(std::size_t bytes) {
    std::string text;
    for (std::size_t left = bytes - 1; left > 0;) {
        std::size_t label = std::min<std::size_t>(left, 64);
        if (left - label == 1) // a label needs two bytes
            --label;
        text += std::string(label - 1, 'a') + '.';
        left -= label;
    }
    return text;
}

TEST(Name, TextToWireAndBack) {
    const Name parsed = name("www.Example.com.");
    EXPECT_EQ(parsed.wire(), Bytes("\3www\7Example\3com\0", 17));
    EXPECT_EQ(parsed.toString(), "www.Example.com.");
    EXPECT_EQ(parsed.labels(), 3U);
    EXPECT_EQ(parsed.parent().toString(), "Example.com.");
    EXPECT_TRUE(name(".").isRoot());
    EXPECT_EQ(name(".").toString(), ".");
}

TEST(Name, RelativeNamesEndInTheOrigin) {
    const Name origin = name("example.com.");
    EXPECT_EQ(Name::parse("www", origin)->toString(), "www.example.com.");
    EXPECT_EQ(Name::parse("@", origin)->toString(), "example.com.");
    EXPECT_EQ(Name::parse("\\@", origin)->toString(), "\\@.example.com.");
    EXPECT_EQ(Name::parse("www.", origin)->toString(), "www.");
}

TEST(Name, Escapes) {
    EXPECT_EQ(name("a\\.b.example.").wire(), Bytes("\3a.b\7example\0", 13));
    EXPECT_EQ(name("a\\.b.example.").toString(), "a\\.b.example.");
    EXPECT_EQ(
        name("\\000\\255\\065.").wire(), Bytes(
                                             "\3\0\xff"
                                             "A\0",
                                             5
                                         )
    );
    EXPECT_EQ(name("\\000\\255\\065.").toString(), "\\000\\255A.");
    EXPECT_EQ(name("a\\\\\\;\\\"\\(.").toString(), "a\\\\\\;\\\"\\(.");
    EXPECT_EQ(name("end\\..").wire(), Bytes("\4end.\0", 6));
    EXPECT_EQ(name("end\\.").wire(), Bytes("\4end.\0", 6)) << "the dot is escaped: the origin follows";
    for (int byte = 0; byte < 256; ++byte) {
        const char raw[] = {1, static_cast<char>(byte), 0};
        const Name one(Bytes(raw, 3));
        EXPECT_EQ(name(one.toString()).wire(), one.wire()) << byte;
    }
}

TEST(Name, Mistakes) {
    EXPECT_EQ(problem(""), "the name '' is empty");
    EXPECT_EQ(problem("a..b"), "the name 'a..b' has an empty label");
    EXPECT_EQ(problem(".a"), "the name '.a' has an empty label");
    EXPECT_EQ(problem(".."), "the name '..' has an empty label");
    EXPECT_NE(problem("a\\").find("lone backslash"), std::string::npos);
    EXPECT_NE(problem("a\\12").find("three digits"), std::string::npos);
    EXPECT_NE(problem("a\\1x2").find("three digits"), std::string::npos);
    EXPECT_NE(problem("a\\256").find("above"), std::string::npos);
}

TEST(Name, LimitsOfLength) {
    EXPECT_EQ(name(std::string(63, 'x') + '.').wire().size(), 65U);
    EXPECT_NE(problem(std::string(64, 'x')).find("63 bytes"), std::string::npos);
    EXPECT_EQ(name(longName(255)).wire().size(), 255U);
    EXPECT_NE(problem(longName(256)).find("255 bytes"), std::string::npos);
    EXPECT_EQ(problem(longName(255).substr(0, longName(255).size() - 1)), "none");
    const Name origin = name("b.");
    const std::string fits = longName(253), tooLong = longName(254);
    EXPECT_TRUE(Name::parse(Bytes(fits).substr(0, fits.size() - 1), origin).ok());
    EXPECT_FALSE(Name::parse(Bytes(tooLong).substr(0, tooLong.size() - 1), origin).ok());
    std::string labels;
    for (std::size_t i = 0; i < kMaxLabels; ++i)
        labels += "a.";
    EXPECT_EQ(name(labels).labels(), kMaxLabels);
}

TEST(Name, AppendLeavesAllAsItWasOnAMistake) {
    std::string to = "kept";
    EXPECT_NE(appendName("a.b..c", name("x.").wire(), to), nullptr);
    EXPECT_EQ(to, "kept");
}

TEST(Name, WireSize) {
    EXPECT_EQ(wireNameSize(Bytes("\1a\0rest", 7)), 3U);
    EXPECT_EQ(wireNameSize(Bytes("\0", 1)), 1U);
    EXPECT_EQ(wireNameSize(""), 0U);
    EXPECT_EQ(wireNameSize(Bytes("\1a", 2)), 0U) << "no root";
    EXPECT_EQ(wireNameSize(Bytes("\5a\0", 3)), 0U) << "cut off";
    EXPECT_EQ(wireNameSize(Bytes("\xc0\x0c", 2)), 0U) << "a pointer";
    EXPECT_EQ(wireNameSize(Bytes("\x40", 1)), 0U) << "a reserved kind of label";
    const Name longest = name(longName(255));
    EXPECT_EQ(wireNameSize(longest.wire()), 255U);
    std::string tooLong("\1b");
    tooLong += longest.wire();
    EXPECT_EQ(wireNameSize(tooLong), 0U);
}

TEST(Name, EqualWithoutCase) {
    EXPECT_EQ(name("ExAmple.COM."), name("example.com."));
    EXPECT_FALSE(name("example.com.") == name("example.co."));
    EXPECT_FALSE(name("a\\.b.") == name("a.b."));
    EXPECT_FALSE(name("[.") == name("{.")) << "only letters have a case";
}

TEST(Name, Within) {
    EXPECT_TRUE(isWithin(name("a.b.c."), name("B.c.")));
    EXPECT_TRUE(isWithin(name("b.c."), name("b.c.")));
    EXPECT_TRUE(isWithin(name("b.c."), name(".")));
    EXPECT_FALSE(isWithin(name("b.c."), name("a.b.c.")));
    EXPECT_FALSE(isWithin(name("xb.c."), name("b.c.")));
    EXPECT_FALSE(isWithin(name("x\\001b\\001c."), name("b.c."))) << "bytes that look like the ancestor";
}

TEST(Name, CanonicalOrderOfRfc4034) {
    const std::vector<Bytes> ordered = {"example.",         "a.example.",      "yljkjljk.a.example.",
                                        "Z.a.example.",     "zABC.a.EXAMPLE.", "z.example.",
                                        "\\001.z.example.", "*.z.example.",    "\\200.z.example."};
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        for (std::size_t k = 0; k < ordered.size(); ++k) {
            const int order = compareNames(name(ordered[i]), name(ordered[k]));
            EXPECT_EQ(order < 0, i < k) << ordered[i] << ' ' << ordered[k];
            EXPECT_EQ(order == 0, i == k) << ordered[i] << ' ' << ordered[k];
        }
    }
    EXPECT_LT(compareNames(name("."), name("example.")), 0);
    EXPECT_EQ(compareNames(name("A.B."), name("a.b.")), 0);
    EXPECT_LT(compareNames(name("a.example."), name("aa.example.")), 0);
}

TEST(Name, Suffix) {
    const Name full = name("a.b.c.");
    EXPECT_EQ(nameText(nameSuffix(full, 2)), "b.c.");
    EXPECT_EQ(nameText(nameSuffix(full, 0)), ".");
    EXPECT_EQ(nameText(nameSuffix(full, 3)), "a.b.c.");
}

TEST(NameBuffer, Joins) {
    NameBuffer buffer;
    ASSERT_TRUE(buffer.join(Bytes("\1*", 2), name("example.")));
    EXPECT_EQ(nameText(buffer), "*.example.");
    EXPECT_FALSE(buffer.join(Bytes("\1*", 2), name(longName(254))));
    EXPECT_TRUE(buffer.join(Bytes("\1*", 2), name(longName(253))));
}

/// What is read at `at`, and where reading goes on; "" when refused.
std::string readAt(Bytes message, std::size_t at, std::size_t next = 0) {
    NameBuffer buffer;
    const std::size_t before = at;
    if (!buffer.read(message, at)) {
        EXPECT_EQ(at, before);
        return "";
    }
    EXPECT_EQ(at, next);
    return nameText(buffer);
}

TEST(NameBuffer, FollowsPointersBackwards) {
    const Bytes message(
        "\1a\3com\0"
        "\1b\xc0\x02"
        "\1c\xc0\x07"
        "\xc0\x0b",
        17
    );
    EXPECT_EQ(readAt(message, 0, 7), "a.com.");
    EXPECT_EQ(readAt(message, 7, 11), "b.com.");
    EXPECT_EQ(readAt(message, 11, 15), "c.b.com.");
    EXPECT_EQ(readAt(message, 15, 17), "c.b.com.");
}

TEST(NameBuffer, RefusesWhatNeverEndsOrLies) {
    EXPECT_EQ(readAt(Bytes("\xc0\x00", 2), 0), "") << "to itself";
    EXPECT_EQ(readAt(Bytes("\xc0\x02\1a\0", 5), 0), "") << "forward";
    EXPECT_EQ(readAt(Bytes("\1a\xc0\x00", 4), 0), "") << "to where it began";
    EXPECT_EQ(readAt(Bytes("\1a\xc0\x05\0\1b\xc0\x00", 9), 5), "") << "around";
    EXPECT_EQ(readAt(Bytes("\xc0", 1), 0), "") << "half a pointer";
    EXPECT_EQ(readAt(Bytes("\3ab", 3), 0), "") << "cut off";
    EXPECT_EQ(readAt(Bytes("\1a", 2), 0), "") << "no root";
    EXPECT_EQ(readAt("", 0), "");
    EXPECT_EQ(
        readAt(
            Bytes(
                "\x41"
                "a\0",
                3
            ),
            0
        ),
        ""
    ) << "extended label";
    EXPECT_EQ(
        readAt(
            Bytes(
                "\x80"
                "a\0",
                3
            ),
            0
        ),
        ""
    ) << "reserved label";
}

TEST(NameBuffer, PointersMakeNoNameAbove255) {
    std::string message(name(longName(254)).wire());
    const std::size_t at = message.size();
    message += std::string("\1b\xc0\0", 4);
    EXPECT_EQ(readAt(message, at), "");
    message = std::string(name(longName(253)).wire());
    message += std::string("\1b\xc0\0", 4);
    EXPECT_NE(readAt(message, 253, 257), "");
}

TEST(NameKey, EqualSuffixesHaveEqualHashes) {
    const NameKey a(name("www.Example.COM.").wire());
    const NameKey b(name("a.much.longer-first-label.example.com.").wire());
    EXPECT_EQ(a.labels(), 3U);
    EXPECT_EQ(a.wire(), name("www.example.com.").wire());
    for (unsigned labels = 0; labels <= 2; ++labels) {
        EXPECT_EQ(a.hash(labels), b.hash(labels)) << labels;
        EXPECT_EQ(a.suffix(labels), b.suffix(labels)) << labels;
    }
    EXPECT_NE(a.hash(3), b.hash(3));
    EXPECT_EQ(a.offset(2), 4U);
    EXPECT_EQ(a.hash(), a.hash(3));
    EXPECT_EQ(a.wildcardHash(2), NameKey(name("*.example.com.").wire()).hash());
}

TEST(NameKey, LabelsOfEveryLengthInEitherCase) {
    std::vector<std::uint32_t> hashes;
    for (std::size_t size = 1; size <= kMaxLabel; ++size) {
        const std::string lower(size, 'q'), upper(size, 'Q');
        const NameKey a(name(lower + ".x.").wire()), b(name(upper + ".X.").wire());
        EXPECT_EQ(a.hash(), b.hash()) << size;
        EXPECT_EQ(b.wire(), name(lower + ".x.").wire()) << size;
        hashes.push_back(a.hash());
    }
    std::sort(hashes.begin(), hashes.end());
    EXPECT_EQ(std::unique(hashes.begin(), hashes.end()), hashes.end());
    // Letters change, and no neighbour of theirs.
    const NameKey edges(name("@[`{Az\\193\\219.").wire());
    EXPECT_EQ(edges.wire(), name("\\@[`{az\\193\\219.").wire());
}

TEST(NameKey, TheLongestName) {
    const NameKey key(name(longName(255)).wire());
    EXPECT_EQ(key.wire().size(), 255U);
    EXPECT_EQ(key.hash(), NameKey(name(longName(255)).wire()).hash());
}

} // namespace
} // namespace twistdpp::dns
