#include "unit/net/doubles.h"

#include "twistdpp/words_store/store.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

// The history answers the same in memory and in a file.

namespace twistdpp::words {
namespace {

using Selector = HistoryQuery::Selector;

class Kept : public testing::TestWithParam<bool> {
protected:
    Kept() {
        std::string name = testing::TempDir() + "wordsXXXXXX";
        folder = ::mkdtemp(name.data());
        limits.messages = 100;
        start();
    }
    ~Kept() override {
        store.reset();
        std::filesystem::remove_all(folder);
    }
    void start() {
        store.reset();
        if (GetParam())
            store = *Store::open(reactor, folder + "/db", limits, [](Bytes trouble) {
                ADD_FAILURE() << trouble;
            });
        else
            store = std::make_unique<Store>(limits);
    }
    History& history() { return store->history(); }
    /// Message `number` at that second.
    static HistoryItem item(int number, HistoryItem::Kind kind = HistoryItem::Kind::message) {
        HistoryItem made;
        made.id = "id" + std::to_string(number);
        made.target = "#a";
        made.time = number * 1000;
        made.kind = kind;
        made.account = "ann";
        made.body = ":ann!a@h PRIVMSG #a :word " + std::to_string(number);
        return made;
    }
    void fill(int count) {
        for (int i = 1; i <= count; ++i)
            history().append(item(i));
    }
    template <class T>
    static T now(Deferred<T> answer) {
        EXPECT_TRUE(answer.called());
        return std::move(std::move(answer).take().value());
    }
    /// The numbers of what is found.
    std::vector<std::int64_t>
    ask(Selector selector, std::size_t limit, std::optional<HistoryBound> from = {},
        std::optional<HistoryBound> to = {}, bool events = false) {
        HistoryQuery query;
        query.target = "#a";
        query.selector = selector;
        query.limit = limit;
        query.from = std::move(from);
        query.to = std::move(to);
        query.events = events;
        std::vector<std::int64_t> out;
        for (const HistoryItem& each : now(history().query(query)))
            out.push_back(each.time / 1000);
        return out;
    }
    static HistoryBound at(int number) { return {"id" + std::to_string(number), 0}; }
    static HistoryBound when(std::int64_t milliseconds) { return {"", milliseconds}; }
    using Numbers = std::vector<std::int64_t>;

    test::ManualReactor reactor;
    std::string folder;
    HistoryLimits limits;
    std::unique_ptr<Store> store;
};

TEST_P(Kept, TheLatest) {
    fill(10);
    EXPECT_EQ(ask(Selector::latest, 3), (Numbers{8, 9, 10}));
    EXPECT_EQ(ask(Selector::latest, 50), (Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
    EXPECT_EQ(ask(Selector::latest, 3, at(8)), (Numbers{9, 10}));
    EXPECT_EQ(ask(Selector::latest, 1, when(8000)), (Numbers{10}));
    EXPECT_EQ(ask(Selector::latest, 5, at(10)), Numbers{});
}

TEST_P(Kept, BeforeAndAfterSomething) {
    fill(10);
    EXPECT_EQ(ask(Selector::before, 3, at(5)), (Numbers{2, 3, 4}));
    EXPECT_EQ(ask(Selector::before, 3, when(5000)), (Numbers{2, 3, 4}));
    EXPECT_EQ(ask(Selector::before, 3, when(5001)), (Numbers{3, 4, 5}));
    EXPECT_EQ(ask(Selector::before, 3, when(99'000)), (Numbers{8, 9, 10}));
    EXPECT_EQ(ask(Selector::after, 3, at(5)), (Numbers{6, 7, 8}));
    EXPECT_EQ(ask(Selector::after, 3, when(5000)), (Numbers{6, 7, 8}));
    EXPECT_EQ(ask(Selector::after, 3, when(0)), (Numbers{1, 2, 3}));
    EXPECT_EQ(ask(Selector::after, 3, when(10'000)), Numbers{});
    EXPECT_EQ(ask(Selector::after, 3, at(77)), Numbers{}) << "no such message";
}

TEST_P(Kept, AroundSomethingAndBetweenTwo) {
    fill(10);
    EXPECT_EQ(ask(Selector::around, 4, at(5)), (Numbers{3, 4, 5, 6}));
    EXPECT_EQ(ask(Selector::around, 4, when(1000)), (Numbers{1, 2, 3, 4}));
    EXPECT_EQ(ask(Selector::between, 50, at(2), at(6)), (Numbers{3, 4, 5}));
    EXPECT_EQ(ask(Selector::between, 2, at(2), at(6)), (Numbers{3, 4}));
    EXPECT_EQ(ask(Selector::between, 2, at(6), at(2)), (Numbers{4, 5})) << "from the later end";
    EXPECT_EQ(ask(Selector::between, 9, when(2000), when(6000)), (Numbers{3, 4, 5}));
    EXPECT_EQ(ask(Selector::between, 9, when(6000), when(2000)), (Numbers{3, 4, 5}));
    EXPECT_EQ(ask(Selector::between, 9, at(4), at(4)), Numbers{});
}

TEST_P(Kept, EventsAreForThoseWhoAsk) {
    history().append(item(1));
    history().append(item(2, HistoryItem::Kind::event));
    history().append(item(3, HistoryItem::Kind::tags));
    history().append(item(4));
    EXPECT_EQ(ask(Selector::latest, 2), (Numbers{1, 4}));
    EXPECT_EQ(ask(Selector::latest, 9, {}, {}, true), (Numbers{1, 2, 3, 4}));
}

TEST_P(Kept, AllOfAMessageComesBack) {
    HistoryItem made = item(1);
    made.tags = "+draft/reply=x";
    made.bot = true;
    made.body = ":ann!a@h PRIVMSG #a";
    made.lines = {{"one", false}, {" and on", true}, {"", false}, {"last", false}};
    history().append(made);
    const auto found = now(history().find("#a", "id1"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->tags, made.tags);
    EXPECT_TRUE(found->bot);
    EXPECT_EQ(found->body, made.body);
    EXPECT_EQ(found->account, "ann");
    ASSERT_EQ(found->lines.size(), 4U);
    EXPECT_EQ(found->lines[1].text, " and on");
    EXPECT_TRUE(found->lines[1].joined);
    EXPECT_EQ(found->lines[2].text, "");
    EXPECT_FALSE(now(history().find("#b", "id1")));
}

TEST_P(Kept, WhatIsTakenAwayIsGone) {
    fill(3);
    history().redact("#a", "id2");
    EXPECT_EQ(ask(Selector::latest, 9), (Numbers{1, 3}));
    history().forget("#a");
    EXPECT_EQ(ask(Selector::latest, 9), Numbers{});
}

TEST_P(Kept, WordsAreFound) {
    fill(12);
    std::vector<std::int64_t> found;
    for (const HistoryItem& each : now(history().search("#a", "WORD 1", 2)))
        found.push_back(each.time / 1000);
    EXPECT_EQ(found, (Numbers{11, 12}));
    EXPECT_TRUE(now(history().search("#a", "ann", 9)).empty()) << "who said it is no word of it";
    EXPECT_TRUE(now(history().search("#b", "word", 9)).empty());
}

TEST_P(Kept, OnlySoMuch) {
    fill(250);
    const auto all = ask(Selector::latest, 1000);
    EXPECT_LE(all.size(), 113U); // in the file a few more than the limit, until it is trimmed
    EXPECT_GE(all.size(), 100U);
    EXPECT_EQ(all.back(), 250);
}

TEST_P(Kept, WhoTalkedWithWhom) {
    history().met("ann", "bob", 1000);
    history().met("cat", "ann", 2000);
    history().met("ann", "bob", 3000);
    const auto names = [&](std::int64_t from, std::int64_t to, std::size_t limit) {
        std::string out;
        for (const Correspondent& each : now(history().correspondents("ann", from, to, limit)))
            out += each.name + std::to_string(each.time) + " ";
        return out;
    };
    EXPECT_EQ(names(0, 9000, 9), "cat2000 bob3000 ");
    EXPECT_EQ(names(0, 9000, 1), "bob3000 ");
    EXPECT_EQ(names(2000, 9000, 9), "bob3000 ");
    EXPECT_EQ(now(history().correspondents("bob", 0, 9000, 9)).size(), 1U);
    fill(2);
    EXPECT_EQ(now(history().lastIn({"#a", "#b"}, 0, 9000)).size(), 1U);
    EXPECT_EQ(now(history().lastIn({"#a"}, 2000, 9000)).size(), 0U);
}

class KeptInAFile : public Kept {};

TEST_P(KeptInAFile, AccountsChannelsAndTheRestAreThereAfterARestart) {
    Account ann;
    ann.name = "Ann";
    ann.password = "$6$x";
    ann.created = 1;
    ann.alwaysOn = true;
    ann.fingerprints = {"ab", "cd"};
    ann.presence = {"ann", "a", "Ann A.", "h", "gone", 3, {{"#a", 4}, {"#b", 0}}};
    int kept = 0;
    store->accounts().save(ann).addCallback([&] { ++kept; }).detach();
    ChannelRecord room;
    room.name = "#Room";
    room.founder = "ann";
    room.topic = "tea";
    room.flags = "nt";
    room.limit = 7;
    room.masks = {{'b', "*!*@x", "ann", 5}, {'e', "*!*@y", "ann", 6}};
    room.access = {{"bob", 'o'}};
    store->channels().save(room).addCallback([&] { ++kept; }).detach();
    EXPECT_EQ(store->markers().advance("Ann", "#a", 500), 500);
    EXPECT_EQ(store->markers().advance("ann", "#A", 400), 500) << "never back";
    store->metadata().set("ann", "color", "red");
    store->metadata().set("ann", "size", "big");
    store->metadata().set("ann", "size", "");
    store->bans().save({"*@bad", "why", "root", 1, 0}).detach();
    store->bans().save({"*@old", "why", "root", 1, 5}).detach();
    store->bans().expire(6);
    fill(3);
    EXPECT_EQ(kept, 2);

    start();
    const Account* again = store->accounts().find("aNN");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->name, "Ann");
    EXPECT_EQ(again->password, "$6$x");
    EXPECT_TRUE(again->alwaysOn);
    EXPECT_EQ(again->presence.channels, ann.presence.channels);
    EXPECT_EQ(again->presence.modes, 3U);
    EXPECT_EQ(store->accounts().findFingerprint("cd"), again);
    const ChannelRecord* channel = store->channels().find("#room");
    ASSERT_TRUE(channel);
    EXPECT_EQ(channel->topic, "tea");
    EXPECT_EQ(channel->limit, 7U);
    ASSERT_EQ(channel->masks.size(), 2U);
    EXPECT_EQ(channel->access, room.access);
    EXPECT_EQ(store->markers().find("ann", "#a"), 500);
    EXPECT_EQ(store->metadata().of("ann"), (MetadataStore::Values{{"color", "red"}}));
    ASSERT_EQ(store->bans().all().size(), 1U);
    EXPECT_EQ(ask(Selector::latest, 9), (Numbers{1, 2, 3}));

    store->accounts().drop("ann").detach();
    store->channels().drop("#ROOM").detach();
    start();
    EXPECT_FALSE(store->accounts().find("ann"));
    EXPECT_FALSE(store->channels().find("#room"));
    EXPECT_EQ(store->markers().find("ann", "#a"), 0);
}

INSTANTIATE_TEST_SUITE_P(Memory, Kept, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(File, Kept, testing::Values(true));
INSTANTIATE_TEST_SUITE_P(File, KeptInAFile, testing::Values(true));

} // namespace
} // namespace twistdpp::words
