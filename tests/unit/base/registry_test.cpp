#include "twistdpp/base/registry.h"

#include <gtest/gtest.h>
#include <string>

namespace twistdpp {

namespace {

struct Colour {
    std::string_view name;
    int value;
};
struct Shape {
    std::string_view name;
};

// As a file of a service or an endpoint kind does it.
const Registry<Colour>::Entry red(Colour{"red", 1});
const Registry<Colour>::Entry green(Colour{"green", 2});

std::string names() {
    std::string all;
    for (const Colour* colour : Registry<Colour>::all())
        all.append(colour->name).append(" ");
    return all;
}

} // namespace

TEST(Registry, FindsByName) {
    ASSERT_NE(Registry<Colour>::find("green"), nullptr);
    EXPECT_EQ(Registry<Colour>::find("green")->value, 2);
    EXPECT_EQ(Registry<Colour>::find("blue"), nullptr);
    EXPECT_EQ(Registry<Colour>::find(""), nullptr);
}

TEST(Registry, ListsByName) {
    EXPECT_EQ(names(), "green red ");
}

TEST(Registry, EachKindHasItsOwn) {
    EXPECT_TRUE(Registry<Shape>::all().empty());
}

TEST(Registry, AnEntryThatDiesIsGone) {
    {
        const Registry<Colour>::Entry blue(Colour{"blue", 3});
        const Registry<Colour>::Entry black(Colour{"black", 4});
        EXPECT_EQ(names(), "black blue green red ");
    }
    EXPECT_EQ(names(), "green red ");
}

} // namespace twistdpp
