#pragma once
#include "twistdpp/irc/casemapping.h"
#include "twistdpp/irc/message.h"

#include "twistdpp/defer/promise.h"

#include <chrono>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace twistdpp::irc {

/// A server's "no" to a question: the numeric and its text.
class NumericError : public std::runtime_error {
public:
    NumericError(Bytes numeric, Bytes text) : std::runtime_error(std::string(text)), numeric_(numeric) {}
    const std::string& numeric() const noexcept { return numeric_; }

private:
    std::string numeric_;
};

/// What WHOIS tells of somebody. What the server does not say stays empty.
struct Whois {
    std::string nick, user, host, realname;
    std::string server, account, away;
    std::vector<std::string> channels; // with the prefixes of rank: "@#channel"
    std::chrono::seconds idle{};
    bool isOperator = false;
};

/// Questions of a client that are answered by several numerics. Servers answer in the order in which they
/// were asked, so the first that fits is the one.
class Queries {
public:
    Deferred<Whois> whois(Bytes nick);
    Deferred<std::vector<std::string>> names(Bytes channel);

    /// A numeric of the server.
    void handle(const Message& message, Casemapping mapping);
    /// Nothing more comes: all that wait fail.
    void lost(const Failure& reason);

private:
    template <class T>
    struct Open {
        explicit Open(Bytes about) : name(about) {}
        std::string name;
        T answer;
        Promise<T> promise;
    };
    template <class T>
    using Row = std::deque<std::unique_ptr<Open<T>>>;

    template <class T>
    static Open<T>* find(Row<T>& row, Bytes name, Casemapping mapping);
    template <class T>
    static void end(Row<T>& row, Open<T>* open, Outcome<T> outcome);
    void whoisLine(const Message& message, Open<Whois>& open);

    Row<Whois> whois_;
    Row<std::vector<std::string>> names_;
};

} // namespace twistdpp::irc
