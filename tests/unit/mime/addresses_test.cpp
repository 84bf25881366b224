#include "twistdpp/mime/addresses.h"

#include <gtest/gtest.h>

namespace twistdpp::mime {
namespace {

/// "name<local@domain>" for each; "name:" and ";" for a group.
std::string read(Bytes text) {
    std::string out;
    for (const AddressEntry& entry : parseAddresses(text)) {
        if (!out.empty())
            out += " | ";
        if (entry.kind == AddressEntry::Kind::groupBegins)
            out += entry.name + ":";
        else if (entry.kind == AddressEntry::Kind::groupEnds)
            out += ";";
        else
            out += entry.name + "<" + entry.route + (entry.route.empty() ? "" : ":") + entry.local + "@" +
                   entry.domain + ">";
    }
    return out;
}

TEST(Addresses, TheFormsThatThereAre) {
    EXPECT_EQ(read("joe@example.com"), "<joe@example.com>");
    EXPECT_EQ(read("Joe Q. Public <joe@example.com>"), "Joe Q. Public<joe@example.com>");
    EXPECT_EQ(read("\"Public, Joe\" <joe@x>, ann@y"), "Public, Joe<joe@x> | <ann@y>");
    EXPECT_EQ(read("joe@x (Joe (the one))"), "Joe (the one)<joe@x>");
    EXPECT_EQ(read("<joe@x>"), "<joe@x>");
    EXPECT_EQ(read("\"a b\"@x, joe@[192.0.2.1]"), "<a b@x> | <joe@[192.0.2.1]>");
    EXPECT_EQ(read("=?utf-8?q?caf=C3=A9?= <c@x>"), "=?utf-8?q?caf=C3=A9?=<c@x>");
}

TEST(Addresses, Groups) {
    EXPECT_EQ(read("Friends: ann@x, Joe <joe@y>;, z@z"), "Friends: | <ann@x> | Joe<joe@y> | ; | <z@z>");
    EXPECT_EQ(read("undisclosed-recipients:;"), "undisclosed-recipients: | ;");
    EXPECT_EQ(read("open: a@b"), "open: | <a@b> | ;");
}

TEST(Addresses, OldForms) {
    EXPECT_EQ(read("Joe <@a.test,@b.test,@c.test:joe@x>"), "Joe<@a.test,@b.test,@c.test:joe@x>");
    EXPECT_EQ(read("joe . public @ x . test"), "<joe.public@x.test>");
    EXPECT_EQ(read("joe (one) @ (two) x"), "two<joe@x>");
}

TEST(Addresses, WhatIsNoneBreaksNothing) {
    EXPECT_EQ(read(""), "");
    EXPECT_EQ(read(", ,"), "");
    EXPECT_EQ(read("joe"), "<joe@>");
    EXPECT_EQ(read("joe <ann@x"), "joe<ann@x>");
    EXPECT_EQ(read("\"open"), "<open@>");
    EXPECT_EQ(read("(open"), "");
    EXPECT_EQ(read("a@b@c"), "<a@b@c>");
    EXPECT_EQ(read("joe@[open"), "<joe@[open>");
    EXPECT_EQ(read("a: b: c@d;"), "a: | <b:c@d> | ;");
}

} // namespace
} // namespace twistdpp::mime
