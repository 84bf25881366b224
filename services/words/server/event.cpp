#include "twistdpp/words_server/event.h"

#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/user.h"

#include "twistdpp/irc/tags.h"

namespace twistdpp::words {

Event::Event(Server& server, const User& from, const irc::LineWriter& line, Bytes clientTags)
    : server_(server), account_(from.account), clientTags_(clientTags), line_(line) {
    stamp();
}

Event::Event(Server& server, const irc::LineWriter& line) : server_(server), line_(line) {
    stamp();
}

Event::Event(const Event& same, const irc::LineWriter& line)
    : server_(same.server_), account_(same.account_), clientTags_(same.clientTags_), line_(line),
      time_(same.time_), id_(same.id_) {}

void Event::stamp() {
    server_.clock().timestamp().copy(time_.data(), time_.size());
    server_.nextMessageId(id_);
}

void Event::appendTags(std::string& out, Variant variant) const {
    const auto add = [&](Bytes key, Bytes value) {
        if (!out.empty())
            out += ';';
        out.append(key).append("=").append(value);
    };
    if (variant.time())
        add("time", {time_.data(), time_.size()});
    if (variant.account() && !account_.empty()) {
        add("account", {});
        irc::appendEscapedTag(out, account_);
    }
    if (!variant.all())
        return;
    add("msgid", {id_.data(), id_.size()});
    if (!clientTags_.empty())
        out.append(";").append(clientTags_);
}

const Buffer& Event::render(Variant variant) {
    Buffer& made = rendered_[variant.index()];
    if (!made.empty())
        return made;
    std::string& tags = server_.scratch();
    tags.clear();
    appendTags(tags, variant);
    const Bytes body = line_.body();
    const std::size_t extra = tags.empty() ? 0 : tags.size() + 2;
    made = Buffer(extra + body.size() + 2, [&](char* to) {
        if (extra > 0) {
            *to++ = '@';
            to += tags.copy(to, tags.size());
            *to++ = ' ';
        }
        to += body.copy(to, body.size());
        *to++ = '\r';
        *to = '\n';
    });
    return made;
}

} // namespace twistdpp::words
