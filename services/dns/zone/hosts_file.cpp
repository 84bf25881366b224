#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/rdata_words.h"
#include "twistdpp/dns_zone/hosts_reader.h"

#include <algorithm>
#include <utility>

namespace twistdpp::dns {

namespace {

constexpr bool isBlank(char c) noexcept {
    return c == ' ' || c == '\t';
}

/// Takes the first word off; empty at the end.
Bytes nextWord(Bytes& line) noexcept {
    const auto* const first = std::find_if_not(line.begin(), line.end(), isBlank);
    const auto* const last = std::find_if(first, line.end(), isBlank);
    const Bytes word(first, static_cast<std::size_t>(last - first));
    line = Bytes(last, static_cast<std::size_t>(line.end() - last));
    return word;
}

/// What is wrong with a name of a host (RFC 1123 section 2.1; the underscore is taken, as the C library
/// does); nullptr when it is one.
const char* hostNameProblem(Bytes name) noexcept {
    for (const char c : name) {
        if (static_cast<unsigned char>(c) >= 0x80)
            return "has other letters than ASCII: write it in the form that begins with xn-- (RFC 5890)";
        if (!ascii::isAlpha(c) && !ascii::isDigit(c) && c != '-' && c != '_' && c != '.')
            return "is no name of a host: letters, digits, hyphens and dots only (RFC 1123 section 2.1)";
    }
    if (name.starts_with('-') || name.find(".-") != Bytes::npos)
        return "is no name of a host: a part begins with a hyphen (RFC 1123 section 2.1)";
    return nullptr;
}

} // namespace

void HostsReader::read(const TextFile& file, const std::string& name) {
    file_ = &name;
    line_ = 0;
    addressText_ = {};
    Bytes text = file.text();
    std::size_t mark = 0;
    if (const char* marked = file.byteOrderMark(mark)) {
        problems_.add(name, 1, std::string("the file ") + marked, mark == 0);
        if (mark == 0)
            return;
        text.remove_prefix(mark);
    }
    while (!text.empty()) {
        std::size_t end = 0; // the line end behind the text stops this
        while (text.data()[end] != '\n' && text.data()[end] != '\r')
            ++end;
        ++line_;
        readLine(text.substr(0, std::min(text.substr(0, end).find('#'), end)));
        text.remove_prefix(text.substr(end).starts_with("\r\n") ? end + 2 : std::min(end + 1, text.size()));
    }
}

void HostsReader::readLine(Bytes line) {
    const Bytes address = nextWord(line);
    if (address.empty())
        return;
    if (address != addressText_) {
        addressText_ = {};
        address_.clear();
        if (!appendIpv4(address, address_) && !appendIpv6(address, address_)) {
            if (address.find('%') != Bytes::npos)
                return remark(
                    "the address " + quoted(address) +
                    " has a zone id, which has no place in DNS; the line is left out"
                );
            return remark(
                "the address " + quoted(address) + " is neither IPv4 nor IPv6; the line is left out"
            );
        }
        addressText_ = address;
    }
    Bytes name = nextWord(line);
    if (name.empty())
        return remark("the address " + quoted(address) + " has no name behind it");
    for (; !name.empty(); name = nextWord(line))
        readName(name);
}

void HostsReader::readName(Bytes text) {
    const bool wildcard = text.starts_with("*.") && text.size() > 2;
    if (const char* what = hostNameProblem(wildcard ? text.substr(2) : text))
        return remark("the name " + quoted(text) + ' ' + what);
    name_.clear();
    if (const char* what = appendName(text, Bytes("\0", 1), name_))
        return remark("the name " + quoted(text) + ' ' + what + " (RFC 1035 section 2.3.4)");
    if (name_.size() == 1)
        return remark("the name '.' is the root and no host");
    add(name_, address_.size() == 4 ? Type::A : Type::AAAA, address_);
    // Asked for the name of an address, the C library tells the first that it finds.
    if (!wildcard && named_.insert(address_).second) {
        reverse_.clear();
        appendReverseName(address_, reverse_);
        add(reverse_, Type::PTR, name_);
    }
}

void HostsReader::add(Bytes owner, Type type, Bytes rdata) {
    const ZoneBuilder::Added what = builder_.add(owner, type, ttl_, rdata);
    if (what != ZoneBuilder::Added::added && what != ZoneBuilder::Added::duplicate)
        remark(nameText(owner) + ' ' + typeText(type) + ' ' + ZoneBuilder::explain(what));
}

void HostsReader::remark(std::string text) {
    problems_.add(*file_, line_, std::move(text), false);
}

LoadedZone loadHostsFiles(const std::vector<std::string>& paths, std::uint32_t ttl) {
    LoadedZone loaded;
    ZoneBuilder builder = ZoneBuilder::hosts();
    ProblemList problems;
    HostsReader reader(builder, problems, ttl);
    for (const std::string& path : paths) {
        loaded.files.push_back(path);
        if (const auto file = TextFile::read(path))
            reader.read(*file, path);
        else
            problems.add(path, 0, file.error().message(), true);
    }
    loaded.problems = problems.take();
    if (!problems.anyFatal())
        loaded.zone = builder.finish(loaded.problems);
    return loaded;
}

} // namespace twistdpp::dns
