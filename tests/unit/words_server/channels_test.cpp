#include "unit/words_server/world.h"

#include <algorithm>
#include <gmock/gmock.h>

namespace twistdpp::words {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Channels : public World {};

TEST_F(Channels, WhoComesIsShownAndTold) {
    Peer& ann = user("ann");
    EXPECT_EQ(
        ann.ask("JOIN #a"),
        from("ann") + "JOIN #a\n:srv 353 ann = #a :@ann\n:srv 366 ann #a :End of /NAMES list\n"
    );
    EXPECT_EQ(ann.ask("JOIN #A"), ""); // there already
    ann.ask("TOPIC #a :tea");
    Peer& bob = user("bob", "multi-prefix userhost-in-names extended-join");
    EXPECT_THAT(
        bob.ask("JOIN #a"),
        ContainsRegex("^:bob!bob@127.0.0.1 JOIN #a \\* :Real bob\n:srv 332 bob #a :tea\n:srv 333 bob #a "
                      "ann!ann@127.0.0.1 :[0-9]+\n"
                      ":srv 353 bob = #a :@ann!ann@127.0.0.1 bob!bob@127.0.0.1\n:srv 366 ")
    );
    EXPECT_EQ(ann.take(), from("bob") + "JOIN #a\n");
}

TEST_F(Channels, NamesThatCannotBeAndHowMany) {
    ServerOptions options = plain();
    options.names.channels = 2;
    start(options);
    Peer& ann = user("ann");
    EXPECT_EQ(ann.ask("JOIN a"), ":srv 403 ann a :No such channel\n");
    EXPECT_EQ(ann.ask("JOIN #"), ":srv 476 ann # :Bad channel name\n");
    EXPECT_THAT(ann.ask("JOIN #a,#b,#c"), HasSubstr(":srv 405 ann #c :"));
    EXPECT_THAT(ann.ask("JOIN 0"), HasSubstr("PART #a :Left all channels\n"));
    EXPECT_EQ(server->channels().size(), 0U);
}

TEST_F(Channels, WhatKeepsOneOut) {
    Peer& ann = *members("#a", {"ann"})[0];
    Peer& eve = user("eve");
    ann.send("MODE #a +k key");
    EXPECT_EQ(eve.ask("JOIN #a"), ":srv 475 eve #a :Cannot join channel (+k)\n");
    EXPECT_THAT(eve.ask("JOIN #b,#a x,key"), HasSubstr("JOIN #a\n"));
    eve.send("PART #a");
    ann.send("MODE #a -k+l * 1");
    EXPECT_EQ(eve.ask("JOIN #a"), ":srv 471 eve #a :Cannot join channel (+l)\n");
    ann.send("MODE #a -l+b eve");
    EXPECT_EQ(eve.ask("JOIN #a"), ":srv 474 eve #a :Cannot join channel (+b)\n");
    ann.send("MODE #a -b+i eve!*@*");
    EXPECT_EQ(eve.ask("JOIN #a"), ":srv 473 eve #a :Cannot join channel (+i)\n");
    ann.send("MODE #a +I *!eve@*");
    EXPECT_THAT(eve.ask("JOIN #a"), HasSubstr("JOIN #a\n"));
}

TEST_F(Channels, InvitationsAreForOneTime) {
    const auto m = members("#a", {"ann", "bob"});
    Peer& eve = user("eve");
    EXPECT_EQ(m[0]->ask("INVITE nobody #a"), ":srv 401 ann nobody :No such nick/channel\n");
    EXPECT_EQ(m[0]->ask("INVITE eve #x"), ":srv 403 ann #x :No such channel\n");
    EXPECT_EQ(m[0]->ask("INVITE bob #a"), ":srv 443 ann bob #a :is already on channel\n");
    EXPECT_EQ(eve.ask("INVITE ann #a"), ":srv 442 eve #a :You're not on that channel\n");
    m[0]->send("MODE #a +i");
    EXPECT_EQ(m[1]->ask("INVITE eve #a"), ":srv 482 bob #a :You're not channel operator\n");
    EXPECT_EQ(m[0]->ask("INVITE eve #a"), ":srv 341 ann eve :#a\n");
    EXPECT_EQ(eve.take(), from("ann") + "INVITE eve #a\n");
    EXPECT_THAT(eve.ask("INVITE"), HasSubstr("#a"));
    EXPECT_THAT(eve.ask("JOIN #a"), HasSubstr("JOIN #a\n"));
    eve.send("PART #a");
    EXPECT_THAT(eve.ask("JOIN #a"), HasSubstr(" 473 "));
}

TEST_F(Channels, OthersAreToldOfInvitationsWhenTheyAsked) {
    Peer& ann = user("ann", "invite-notify");
    ann.send("JOIN #a", "MODE #a -t");
    Peer& bob = user("bob");
    bob.send("JOIN #a");
    user("eve");
    ann.take();
    bob.send("INVITE eve #a");
    EXPECT_EQ(ann.take(), from("bob") + "INVITE eve #a\n");
}

TEST_F(Channels, Topics) {
    const auto m = members("#a", {"ann", "bob"});
    EXPECT_EQ(m[0]->ask("TOPIC #a"), ":srv 331 ann #a :No topic is set\n");
    EXPECT_EQ(m[1]->ask("TOPIC #a :x"), ":srv 482 bob #a :You're not channel operator\n");
    EXPECT_EQ(m[0]->ask("TOPIC #a :tea time"), from("ann") + "TOPIC #a :tea time\n");
    EXPECT_EQ(m[1]->take(), from("ann") + "TOPIC #a :tea time\n");
    EXPECT_THAT(m[1]->ask("TOPIC #a"), StartsWith(":srv 332 bob #a :tea time\n:srv 333 bob #a ann!"));
    EXPECT_EQ(m[0]->ask("TOPIC #a :"), from("ann") + "TOPIC #a :\n");
    Peer& eve = user("eve");
    EXPECT_EQ(eve.ask("TOPIC #a :x"), ":srv 442 eve #a :You're not on that channel\n");
    EXPECT_EQ(eve.ask("TOPIC #x"), ":srv 403 eve #x :No such channel\n");
}

TEST_F(Channels, Kicks) {
    const auto m = members("#a", {"ann", "bob", "cat"});
    EXPECT_EQ(m[1]->ask("KICK #a ann"), ":srv 482 bob #a :You're not channel operator\n");
    EXPECT_EQ(m[0]->ask("KICK #a eve"), ":srv 401 ann eve :No such nick/channel\n");
    EXPECT_EQ(m[0]->ask("KICK #x bob"), ":srv 403 ann #x :No such channel\n");
    user("eve");
    EXPECT_EQ(m[0]->ask("KICK #a eve"), ":srv 441 ann eve #a :They aren't on that channel\n");
    m[0]->send("MODE #a +h bob");
    m[1]->take();
    m[2]->take();
    EXPECT_EQ(m[1]->ask("KICK #a ann"), ":srv 482 bob #a :You're not channel operator\n");
    EXPECT_EQ(m[1]->ask("KICK #a cat"), from("bob") + "KICK #a cat :bob\n");
    EXPECT_EQ(m[2]->take(), from("bob") + "KICK #a cat :bob\n");
    EXPECT_EQ(m[2]->ask("PART #a"), ":srv 442 cat #a :You're not on that channel\n");
    EXPECT_EQ(
        m[0]->ask("KICK #a bob,ann :all out"),
        from("ann") + "KICK #a bob :all out\n" + from("ann") + "KICK #a ann :all out\n"
    );
    EXPECT_EQ(server->channels().size(), 0U);
}

TEST_F(Channels, AreGoneWithTheLastMemberUnlessTheyStand) {
    ServerOptions options = plain();
    options.groups = {"#g"};
    start(options);
    Peer& ann = user("ann");
    ann.send("JOIN #a", "PART #a");
    EXPECT_EQ(server->findChannel("#a"), nullptr);
    EXPECT_EQ(
        ann.ask("JOIN #g"),
        from("ann") + "JOIN #g\n:srv 353 ann = #g :ann\n:srv 366 ann #g :End of /NAMES list\n"
    );
    ann.send("TOPIC #g :tea", "PART #g");
    ASSERT_NE(server->findChannel("#G"), nullptr);
    EXPECT_EQ(server->findChannel("#g")->topic, "tea");
}

TEST_F(Channels, SecretOnesAreHidden) {
    Peer& ann = *members("#a", {"ann"})[0];
    ann.send("MODE #a +s");
    EXPECT_THAT(ann.ask("NAMES #a"), HasSubstr(" 353 ann @ #a "));
    Peer& eve = user("eve");
    EXPECT_EQ(eve.ask("NAMES #a"), ":srv 366 eve #a :End of /NAMES list\n");
    EXPECT_THAT(eve.ask("LIST"), Not(HasSubstr("#a")));
    EXPECT_THAT(eve.ask("WHOIS ann"), Not(HasSubstr("#a")));
    EXPECT_THAT(eve.ask("WHO #a"), Not(HasSubstr(" 352 ")));
    EXPECT_THAT(eve.ask("WHO ann"), Not(HasSubstr("#a")));
    EXPECT_THAT(eve.ask("MODE #a"), HasSubstr(" 403 "));
    EXPECT_EQ(eve.ask("NAMES"), ":srv 366 eve * :End of /NAMES list\n");
}

TEST_F(Channels, ListsAreFiltered) {
    members("#one", {"ann"});
    members("#two", {"bob", "cat"});
    Peer& eve = user("eve");
    eve.send("JOIN #tea", "TOPIC #tea :t");
    const auto shown = [&](const std::string& filter) {
        const std::string text = eve.ask("LIST " + filter);
        std::string out;
        for (const char* name : {"#one", "#two", "#tea"})
            out += text.find(" 322 eve " + std::string(name) + " ") == std::string::npos ? "" : name;
        EXPECT_THAT(text, StartsWith(":srv 321 eve Channel :Users  Name\n")) << text;
        EXPECT_THAT(text, HasSubstr(":srv 323 eve :End of /LIST\n"));
        return out;
    };
    EXPECT_EQ(shown(""), "#one#two#tea");
    EXPECT_EQ(shown(">1"), "#two");
    EXPECT_EQ(shown("<2"), "#one#tea");
    EXPECT_EQ(shown("#t*"), "#two#tea");
    EXPECT_EQ(shown("!#t*"), "#one");
    EXPECT_EQ(shown("#one,#nothere"), "#one");
    EXPECT_EQ(shown("C>10"), "");
    EXPECT_EQ(shown("C<10"), "#one#two#tea");
    EXPECT_EQ(shown("T<10"), "#tea");
    EXPECT_EQ(shown("T>10"), "");
}

class Modes : public World {};

TEST_F(Modes, OnlyWhatHasAnEffectIsTold) {
    const auto m = members("#a", {"ann", "bob"});
    EXPECT_THAT(m[0]->ask("MODE #a"), StartsWith(":srv 324 ann #a +nt\n:srv 329 ann #a "));
    EXPECT_EQ(m[0]->ask("MODE #a +nt-im"), "");
    EXPECT_EQ(m[0]->ask("MODE #a +m-n+v bob"), from("ann") + "MODE #a +m-n+v bob\n");
    EXPECT_EQ(m[1]->take(), from("ann") + "MODE #a +m-n+v bob\n");
}

TEST_F(Modes, TheKeyIsForThoseInside) {
    Peer& ann = *members("#a", {"ann"})[0];
    EXPECT_EQ(ann.ask("MODE #a +lk 5 pw"), from("ann") + "MODE #a +lk 5 pw\n");
    EXPECT_THAT(ann.ask("MODE #a"), StartsWith(":srv 324 ann #a +ntkl pw 5\n"));
    EXPECT_THAT(user("eve").ask("MODE #a"), StartsWith(":srv 324 eve #a +ntkl * 5\n"));
    EXPECT_EQ(ann.ask("MODE #a -k whatever"), from("ann") + "MODE #a -k *\n");
    EXPECT_THAT(ann.ask("MODE #a +k a,b"), HasSubstr(" 525 "));
    EXPECT_THAT(ann.ask("MODE #a +k"), HasSubstr(" 696 "));
}

TEST_F(Modes, LimitsThatAreNone) {
    Peer& ann = *members("#a", {"ann"})[0];
    for (const std::string bad : {"0", "-1", "abc", "99999999999999999999", ""})
        EXPECT_THAT(ann.ask("MODE #a +l " + bad), HasSubstr(" 696 ")) << bad;
    EXPECT_EQ(server->findChannel("#a")->limit, 0U);
}

TEST_F(Modes, ListsCanBeReadByAnyoneAndChangedByOperators) {
    const auto m = members("#a", {"ann", "bob"});
    EXPECT_EQ(m[0]->ask("MODE #a +b eve"), from("ann") + "MODE #a +b eve!*@*\n");
    EXPECT_EQ(m[0]->ask("MODE #a +b EVE!*@*"), ""); // there already
    m[1]->take();
    EXPECT_THAT(
        m[1]->ask("MODE #a b"),
        ContainsRegex("^:srv 367 bob #a eve!\\*@\\* ann!ann@127.0.0.1 :?[0-9]+\n:srv 368 bob #a :")
    );
    EXPECT_EQ(m[1]->ask("MODE #a +b cat"), ":srv 482 bob #a :You're not channel operator\n");
    EXPECT_EQ(m[1]->ask("MODE #a e"), ":srv 482 bob #a :You're not channel operator\n");
    EXPECT_EQ(
        m[0]->ask("MODE #a eI"), ":srv 349 ann #a :End of channel exception list\n:srv 347 ann #a :End of "
                                 "channel invite exception list\n"
    );
    const std::string often = m[0]->ask("MODE #a " + std::string(400, 'b'));
    EXPECT_EQ(often.find(" 368 "), often.rfind(" 368 ")); // once, however often one line asks
    EXPECT_EQ(m[0]->ask("MODE #a -b eve"), from("ann") + "MODE #a -b eve!*@*\n");
}

TEST_F(Modes, ListsEnd) {
    ServerOptions options = plain();
    options.names.list = 2;
    start(options);
    Peer& ann = *members("#a", {"ann"})[0];
    ann.send("MODE #a +bb x y");
    EXPECT_EQ(ann.ask("MODE #a +b z"), ":srv 478 ann #a z!*@* :Channel list is full\n");
}

TEST_F(Modes, RanksHaveTheirMakers) {
    const auto m = members("#a", {"ann", "bob", "cat"});
    EXPECT_EQ(m[0]->ask("MODE #a +q ann"), ":srv 482 ann #a :You're not channel operator\n");
    m[0]->send("MODE #a +h bob");
    EXPECT_EQ(m[1]->ask("MODE #a +o bob"), ":srv 482 bob #a :You're not channel operator\n");
    EXPECT_EQ(m[1]->ask("MODE #a +v cat"), from("bob") + "MODE #a +v cat\n");
    EXPECT_EQ(m[1]->ask("MODE #a -h bob"), from("bob") + "MODE #a -h bob\n");
    EXPECT_EQ(m[2]->ask("MODE #a -v cat"), from("cat") + "MODE #a -v cat\n");
    EXPECT_EQ(m[0]->ask("MODE #a +o nobody"), ":srv 401 ann nobody :No such nick/channel\n");
    user("eve");
    EXPECT_EQ(m[0]->ask("MODE #a +o eve"), ":srv 441 ann eve #a :They aren't on that channel\n");
}

TEST_F(Modes, ErrorsOfMode) {
    Peer& ann = *members("#a", {"ann"})[0];
    EXPECT_EQ(ann.ask("MODE"), ":srv 461 ann MODE :Not enough parameters\n");
    EXPECT_EQ(ann.ask("MODE #x"), ":srv 403 ann #x :No such channel\n");
    EXPECT_EQ(ann.ask("MODE #a +z"), ":srv 472 ann z :is unknown mode char to me\n");
    EXPECT_EQ(ann.ask("MODE nobody"), ":srv 401 ann nobody :No such nick/channel\n");
    user("bob");
    EXPECT_EQ(ann.ask("MODE bob +i"), ":srv 502 ann :Cannot see or change the mode of other users\n");
}

TEST_F(Modes, OfUsers) {
    Peer& ann = user("ann");
    EXPECT_EQ(ann.ask("MODE ann"), ":srv 221 ann :+\n");
    EXPECT_EQ(ann.ask("MODE ann +iw-w"), from("ann") + "MODE ann :+iw-w\n");
    EXPECT_EQ(ann.ask("MODE ann +os"), ""); // not by oneself
    EXPECT_EQ(ann.ask("MODE ann +Z"), ":srv 501 ann :Unknown mode flag\n");
    EXPECT_EQ(ann.ask("MODE ANN"), ":srv 221 ann :+i\n");
}

TEST_F(Modes, ManyChangesAreToldInSeveralLines) {
    const auto m = members("#a", {"ann", "bob"});
    std::string masks;
    for (int i = 0; i < 12; ++i)
        masks += " " + std::string(34, static_cast<char>('a' + i));
    const std::string text = m[0]->ask("MODE #a +" + std::string(12, 'b') + masks);
    EXPECT_EQ(m[1]->take(), text);
    EXPECT_EQ(server->findChannel("#a")->list('b').size(), 12U);
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
        EXPECT_LE(text.find('\n', at) - at, 510U);
    EXPECT_GE(std::count(text.begin(), text.end(), '\n'), 2);
}

} // namespace
} // namespace twistdpp::words
