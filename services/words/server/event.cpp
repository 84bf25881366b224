#include "twistdpp/words_server/event.h"

#include "twistdpp/words_server/multiline.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/user.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/irc/tags.h"

namespace twistdpp::words {

Event::Event(Server& server, const User& from, const irc::LineWriter& line, Bytes clientTags)
    : server_(server), account_(from.account), clientTags_(clientTags), line_(line),
      bot_(from.has(UserMode::bot)) {
    stamp();
}

Event::Event(Server& server, const irc::LineWriter& line) : server_(server), line_(line) {
    stamp();
}

Event::Event(Server& server, const User& from, const Multiline& text, Bytes target, Bytes clientTags)
    : server_(server), account_(from.account), clientTags_(clientTags), multiline_(&text),
      source_(from.prefix()), target_(target), bot_(from.has(UserMode::bot)) {
    stamp();
}

Event::Event(const Event& same, const irc::LineWriter& line)
    : server_(same.server_), account_(same.account_), clientTags_(same.clientTags_), line_(line),
      time_(same.time_), milliseconds_(same.milliseconds_), id_(same.id_), bot_(same.bot_) {}

Event::Event(Server& server, const HistoryItem& item)
    : server_(server), account_(item.account), clientTags_(item.tags), milliseconds_(item.time),
      bot_(item.bot), onlyTags_(item.kind == HistoryItem::Kind::tags) {
    timestampOf(item.time).copy(time_.data(), time_.size());
    id_.fill('0');
    item.id.copy(id_.data(), id_.size());
    if (item.lines.empty()) {
        line_.put(item.body);
        return;
    }
    // ":source COMMAND target"
    Bytes rest = Bytes(item.body).substr(1);
    source_ = ascii::cut(rest, ' ');
    auto text = std::make_shared<Multiline>();
    text->command = ascii::cut(rest, ' ');
    target_ = rest;
    for (const HistoryItem::Line& line : item.lines)
        text->lines.push_back({line.text, line.joined});
    again_ = std::move(text);
    multiline_ = again_.get();
}

HistoryItem Event::item(std::string target, HistoryItem::Kind kind) const {
    HistoryItem made;
    made.id.assign(id_.data(), id_.size());
    made.target = std::move(target);
    made.time = milliseconds_;
    made.kind = kind;
    made.account = account_;
    made.bot = bot_;
    made.tags = clientTags_;
    made.body = line_.body();
    if (multiline_) {
        made.body.append(":")
            .append(source_)
            .append(" ")
            .append(multiline_->command)
            .append(" ")
            .append(target_);
        for (const Multiline::Line& line : multiline_->lines)
            made.lines.push_back({line.text, line.joined});
    }
    return made;
}

void Event::stamp() {
    server_.clock().timestamp(&milliseconds_).copy(time_.data(), time_.size());
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
    if (bot_)
        out.append(";bot");
    if (!clientTags_.empty())
        out.append(";").append(clientTags_);
}

std::vector<TaggedLine> Event::lines(Variant variant) const {
    if (multiline_)
        return variant.multiline() ? batchLines(variant) : singleLines(variant);
    std::vector<TaggedLine> one(1);
    appendTags(one[0].tags, variant);
    one[0].body = line_.body();
    return one;
}

std::vector<TaggedLine> Event::batchLines(Variant variant) const {
    const std::string name(id_.data(), id_.size());
    std::vector<TaggedLine> out(1);
    appendTags(out[0].tags, variant);
    irc::LineWriter begin(source_, "BATCH");
    out[0].body = begin.put(" +").put(name).word("draft/multiline").word(target_).body();
    for (const Multiline::Line& part : multiline_->lines) {
        irc::LineWriter line(source_, multiline_->command);
        out.push_back(
            {"batch=" + name + (part.joined ? ";draft/multiline-concat" : ""),
             std::string(line.word(target_).trailing(part.text).body()), true}
        );
    }
    out.push_back({"", ":" + std::string(server_.name()) + " BATCH -" + name, true});
    return out;
}

std::vector<TaggedLine> Event::singleLines(Variant variant) const {
    std::vector<TaggedLine> out;
    for (const Multiline::Line& part : multiline_->lines) {
        if (part.text.empty())
            continue;
        TaggedLine& line = out.emplace_back();
        // The id is that of the whole, so it stands once.
        if (out.size() == 1)
            appendTags(line.tags, variant);
        else if (variant.time())
            line.tags = "time=" + std::string(time_.data(), time_.size());
        irc::LineWriter writer(source_, multiline_->command);
        line.body = writer.word(target_).trailing(part.text).body();
    }
    return out;
}

void Event::render(std::string& out, Variant variant) const {
    if (multiline_) {
        for (const TaggedLine& line : lines(variant)) {
            if (!line.tags.empty())
                out.append("@").append(line.tags).append(" ");
            out.append(line.body).append("\r\n");
        }
        return;
    }
    appendTags(out, variant);
    if (!out.empty())
        out.insert(0, 1, '@').append(" ");
    out.append(line_.body()).append("\r\n");
}

Stretch Event::place(Variant variant) {
    Stretch& placed = placed_[variant.index()];
    if (!placed.empty())
        return placed;
    std::string& text = server_.scratch();
    text.clear();
    render(text, variant);
    return placed = server_.bursts().append(variant, text);
}

} // namespace twistdpp::words
