#include "twistdpp/imap_server/flags.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/imap_server/account.h"

#include <algorithm>
#include <array>

namespace twistdpp::imap {

namespace {

struct Name {
    unsigned flag;
    Bytes text;
};
constexpr std::array<Name, 6> kNames{
    {{Flag::answered, "\\Answered"},
     {Flag::flagged, "\\Flagged"},
     {Flag::deleted, "\\Deleted"},
     {Flag::seen, "\\Seen"},
     {Flag::draft, "\\Draft"},
     {Flag::forwarded, "$Forwarded"}}};
constexpr std::size_t kLongestKeyword = 100;

unsigned ofProtocol(Bytes name) noexcept {
    for (const Name& each : kNames) {
        if (ascii::equalsIgnoreCase(each.text, name))
            return each.flag;
    }
    return 0;
}

auto findKeyword(Bytes name, const Keywords& keywords) noexcept {
    return std::find_if(keywords.begin(), keywords.end(), [&](const std::string& each) {
        return ascii::equalsIgnoreCase(each, name);
    });
}

} // namespace

std::string flagsText(unsigned flags, const Keywords& keywords) {
    std::string out;
    const auto add = [&](Bytes name) { out.append(out.empty() ? "" : " ").append(name); };
    for (const Name& name : kNames) {
        if ((flags & name.flag) != 0)
            add(name.text);
    }
    for (std::size_t i = 0; i < keywords.size(); ++i) {
        if ((flags & Flag::keyword(i)) != 0 && !keywords[i].empty())
            add(keywords[i]);
    }
    return out;
}

unsigned knownFlags(const Keywords& keywords) noexcept {
    unsigned out = Flag::protocol;
    for (std::size_t i = 0; i < keywords.size(); ++i)
        out |= keywords[i].empty() ? 0U : Flag::keyword(i);
    return out;
}

unsigned flagOf(Bytes name, const Keywords& keywords) noexcept {
    if (const unsigned known = ofProtocol(name))
        return known;
    const auto found = name.empty() ? keywords.end() : findKeyword(name, keywords);
    return found == keywords.end() ? 0U : Flag::keyword(static_cast<std::size_t>(found - keywords.begin()));
}

bool FlagList::add(const std::string& name) {
    const unsigned known = ofProtocol(name);
    flags |= known;
    if (known != 0 || name.starts_with('\\'))
        return true;
    if (name.size() > kLongestKeyword || keywords.size() >= kMostKeywords)
        return false;
    if (findKeyword(name, keywords) == keywords.end())
        keywords.push_back(name);
    return true;
}

unsigned takeFlags(const FlagList& list, Keywords& keywords) {
    unsigned out = list.flags;
    Keywords all = keywords;
    for (const std::string& name : list.keywords) {
        const auto indexOf = [&](Bytes wanted) {
            return static_cast<std::size_t>(findKeyword(wanted, all) - all.begin());
        };
        std::size_t at = indexOf(name);
        if (at == all.size())
            at = indexOf({});
        if (at >= kMostKeywords)
            throw Refused(
                "LIMIT", "a mailbox has no more than " + std::to_string(kMostKeywords) + " keywords"
            );
        all.resize(std::max(all.size(), at + 1));
        if (all[at].empty())
            all[at] = name;
        out |= Flag::keyword(at);
    }
    keywords = std::move(all);
    return out;
}

unsigned FlagEdit::apply(unsigned before, unsigned bits, const Keywords& keywords) const noexcept {
    switch (how) {
    case How::add:
        return before | bits;
    case How::remove:
        return before & ~bits;
    case How::set:
        break;
    }
    return (before & ~knownFlags(keywords)) | bits;
}

} // namespace twistdpp::imap
