#include "twistdpp/irc/client_login.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"

#include <algorithm>

namespace twistdpp::irc {

namespace {

constexpr std::size_t kChunk = 400;
constexpr std::size_t kLongestChallenge = 16 * 1024;
constexpr std::size_t kMostCapabilities = 500;
constexpr std::size_t kLongestRequest = 400;

} // namespace

void ClientLogin::begin(bool safe) {
    safe_ = safe;
    if (wanted.empty() && !account)
        return;
    going_ = true;
    send_("CAP LS 302");
}

void ClientLogin::welcomed() {
    // A server that knows no CAP has answered it with an error, or not at all.
    if (std::exchange(going_, false) && account)
        fail("the server offers no SASL");
}

bool ClientLogin::handle(const Message& message) {
    const Bytes command = message.command;
    if (ascii::equalsIgnoreCase(command, "CAP")) {
        capability(message);
    } else if (ascii::equalsIgnoreCase(command, "AUTHENTICATE")) {
        authenticate(message.param(0));
    } else if (command == "900") {
        loggedInAs_ = message.param(2);
    } else if (command == "901") {
        loggedInAs_.clear();
    } else if (command == "903") {
        if (const auto sasl = std::exchange(sasl_, nullptr); sasl && !sasl->complete())
            fail("the server agrees before it has proved that it knows the account");
        end();
    } else if (command == "902" || (command >= "904" && command <= "907")) {
        if (std::exchange(sasl_, nullptr))
            fail(message.last());
        end();
    } else {
        return command == "908";
    }
    return true;
}

void ClientLogin::capability(const Message& message) {
    const Bytes what = message.param(1);
    if (ascii::equalsIgnoreCase(what, "LS") || ascii::equalsIgnoreCase(what, "NEW")) {
        std::map<std::string, std::string, std::less<>> now;
        for (Bytes rest = message.last(); !rest.empty();) {
            Bytes value = ascii::cut(rest, ' ');
            const Bytes name = ascii::cut(value, '=');
            if (!name.empty() && offered_.size() < kMostCapabilities)
                now.insert_or_assign(std::string(name), std::string(value));
        }
        for (const auto& [name, value] : now)
            offered_.insert_or_assign(name, value);
        const bool more = message.param(2) == "*" && message.count > 3;
        if (ascii::equalsIgnoreCase(what, "NEW"))
            request(now);
        else if (!more)
            request(offered_);
        return;
    }
    for (Bytes rest = message.last(); !rest.empty();) {
        Bytes name = ascii::cut(rest, ' ');
        const bool off = name.starts_with('-');
        if (off)
            name.remove_prefix(1);
        if (ascii::equalsIgnoreCase(what, "ACK") && !off && !name.empty())
            on_.insert_or_assign(std::string(name), true);
        else if (off || ascii::equalsIgnoreCase(what, "DEL"))
            on_.erase(std::string(name));
    }
    if ((ascii::equalsIgnoreCase(what, "ACK") || ascii::equalsIgnoreCase(what, "NAK")) && requests_ > 0 &&
        --requests_ == 0 && going_)
        startSasl();
}

void ClientLogin::request(const std::map<std::string, std::string, std::less<>>& offered) {
    std::string line;
    const auto send = [&] {
        if (line.empty())
            return;
        ++requests_;
        send_("CAP REQ :" + std::exchange(line, {}));
    };
    for (const auto& [name, value] : offered) {
        const bool asked = std::find(wanted.begin(), wanted.end(), name) != wanted.end();
        if ((!asked && !(account && name == "sasl")) || has(name))
            continue;
        if (line.size() + name.size() > kLongestRequest)
            send();
        line.append(line.empty() ? "" : " ").append(name);
    }
    send();
    if (requests_ == 0 && going_)
        startSasl();
}

void ClientLogin::startSasl() {
    if (!account)
        return end();
    if (!has("sasl")) {
        fail("the server offers no SASL");
        return end();
    }
    // Before version 302 there is no list: then the strongest that the client has is tried.
    std::vector<std::string> names;
    for (Bytes rest = offered_["sasl"]; !rest.empty();)
        names.emplace_back(ascii::cut(rest, ','));
    if (names.empty())
        names = {account->certificate ? "EXTERNAL" : "PLAIN"};
    sasl_ = SaslClient::choose(names, *account, safe_);
    if (!sasl_) {
        fail("the server offers no way to log in that is safe here");
        return end();
    }
    send_("AUTHENTICATE " + std::string(sasl_->mechanism()));
}

void ClientLogin::authenticate(Bytes text) {
    if (!sasl_)
        return;
    if (text != "+")
        challenge_.append(text);
    if (text.size() == kChunk && challenge_.size() <= kLongestChallenge)
        return;
    const auto challenge = fromBase64(std::exchange(challenge_, {}));
    // One that speaks first is asked with nothing.
    auto response = challenge ? sasl_->respond(*challenge) : Result<std::string>(Error("that is no base64"));
    if (response)
        return sendResponse(*response);
    sasl_.reset();
    fail(response.error().message());
    send_("AUTHENTICATE *");
}

void ClientLogin::sendResponse(Bytes response) {
    const std::string encoded = toBase64(response);
    for (std::size_t at = 0; at <= encoded.size(); at += kChunk) {
        const std::string chunk = encoded.substr(at, kChunk);
        send_("AUTHENTICATE " + (chunk.empty() ? "+" : chunk));
    }
}

void ClientLogin::fail(Bytes why) {
    failed_(why);
}

void ClientLogin::end() {
    if (std::exchange(going_, false))
        send_("CAP END");
}

} // namespace twistdpp::irc
