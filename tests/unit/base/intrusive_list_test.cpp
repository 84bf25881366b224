#include "twistdpp/base/intrusive_list.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace twistdpp {

namespace {

struct Item : ListHook {
    explicit Item(char n) : name(n) {}
    char name;
};

std::string names(IntrusiveList<Item>& list) {
    std::string all;
    list.forEach([&](Item& item) { all += item.name; });
    return all;
}

struct ByAge : ListHook {};
struct ByUse : ListHook {};
struct Entry : ByAge, ByUse {};

} // namespace

TEST(IntrusiveList, KeepsTheOrderOfArrival) {
    Item a('a'), b('b'), c('c');
    IntrusiveList<Item> list;
    EXPECT_TRUE(list.empty());
    for (Item* item : {&a, &b, &c})
        list.pushBack(*item);
    EXPECT_EQ(names(list), "abc");
    EXPECT_EQ(&list.front(), &a);
    EXPECT_EQ(list.popFront(), &a);
    EXPECT_FALSE(a.linked());
    EXPECT_EQ(names(list), "bc");
}

TEST(IntrusiveList, PopOfAnEmptyListIsNull) {
    EXPECT_EQ(IntrusiveList<Item>().popFront(), nullptr);
}

TEST(IntrusiveList, AnItemCanLeaveFromTheMiddle) {
    Item a('a'), b('b'), c('c');
    IntrusiveList<Item> list;
    for (Item* item : {&a, &b, &c})
        list.pushBack(*item);
    b.unlink();
    b.unlink();
    EXPECT_EQ(names(list), "ac");
    list.pushBack(b);
    EXPECT_EQ(names(list), "acb");
}

TEST(IntrusiveList, AnItemThatDiesLeaves) {
    Item a('a');
    IntrusiveList<Item> list;
    list.pushBack(a);
    {
        Item b('b');
        list.pushBack(b);
    }
    EXPECT_EQ(names(list), "a");
}

TEST(IntrusiveList, AListThatDiesLetsItsItemsGo) {
    Item a('a');
    {
        IntrusiveList<Item> list;
        list.pushBack(a);
        EXPECT_TRUE(a.linked());
    }
    EXPECT_FALSE(a.linked());
}

TEST(IntrusiveList, TheVisitorMayDestroyTheItemItIsGiven) {
    IntrusiveList<Item> list;
    for (const char name : {'a', 'b', 'c', 'd'})
        list.pushBack(*std::make_unique<Item>(name).release());
    list.forEach([](Item& item) {
        if (item.name == 'b' || item.name == 'd')
            std::unique_ptr<Item>{&item}.reset();
    });
    EXPECT_EQ(names(list), "ac");
    while (Item* item = list.popFront())
        std::unique_ptr<Item>{item}.reset();
}

TEST(IntrusiveList, SpliceMovesAllBehind) {
    Item a('a'), b('b'), c('c');
    IntrusiveList<Item> list, other;
    list.pushBack(a);
    other.pushBack(b);
    other.pushBack(c);
    list.splice(other);
    EXPECT_EQ(names(list), "abc");
    EXPECT_TRUE(other.empty());
    list.splice(other);
    EXPECT_EQ(names(list), "abc");
    other.splice(list);
    EXPECT_EQ(names(other), "abc");
}

TEST(IntrusiveList, AnObjectStandsInSeveralListsByItsTags) {
    Entry entry;
    IntrusiveList<Entry, ByAge> age;
    IntrusiveList<Entry, ByUse> use;
    age.pushBack(entry);
    use.pushBack(entry);
    EXPECT_EQ(age.popFront(), &entry);
    EXPECT_EQ(&use.front(), &entry);
}

} // namespace twistdpp
