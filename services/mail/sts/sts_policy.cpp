#include "twistdpp/mail_sts/sts_policy.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>

namespace twistdpp::mail {

namespace {

constexpr Bytes kVersion = "STSv1";
constexpr std::int64_t kLongestAge = 31'557'600; // a year
constexpr std::size_t kMostHosts = 1000;
constexpr std::size_t kLongestId = 32;

constexpr bool isAlnum(char c) noexcept {
    return ascii::isAlpha(c) || ascii::isDigit(c);
}

bool isName(Bytes text) {
    const bool dots = text.starts_with('.') || text.ends_with('.') || text.find("..") != Bytes::npos;
    return !text.empty() && text.size() <= 255 && !dots && std::all_of(text.begin(), text.end(), [](char c) {
        return isAlnum(c) || c == '-' || c == '.' || c == '_';
    });
}

} // namespace

bool StsPolicy::allows(Bytes host) const {
    const std::string name = ascii::toLower(host.substr(0, host.size() - (host.ends_with('.') ? 1 : 0)));
    return std::any_of(hosts.begin(), hosts.end(), [&](const std::string& pattern) {
        if (!pattern.starts_with("*."))
            return pattern == name;
        const std::size_t dot = name.find('.');
        return dot != std::string::npos && dot > 0 && Bytes(name).substr(dot) == Bytes(pattern).substr(1);
    });
}

Result<StsPolicy> StsPolicy::parse(Bytes text) {
    StsPolicy out;
    bool version = false;
    std::optional<Mode> mode;
    std::optional<std::int64_t> age;
    while (!text.empty()) {
        const Bytes line = ascii::trim(ascii::cut(text, '\n'), " \t\r");
        if (line.empty())
            continue;
        const std::size_t colon = line.find(':');
        if (colon == Bytes::npos)
            return Error("a line of it has no colon");
        const Bytes key = ascii::trim(line.substr(0, colon));
        const Bytes value = ascii::trim(line.substr(colon + 1));
        // Section 3.2: of what may be there once the first counts; what is not known is passed over.
        if (key == "version" && !version) {
            if (value != kVersion)
                return Error("it is of another version");
            version = true;
        } else if (key == "mode" && !mode) {
            mode = value == "enforce" ? Mode::enforce : value == "testing" ? Mode::testing : Mode::none;
            if (*mode == Mode::none && value != "none")
                return Error("its mode is not known");
        } else if (key == "max_age" && !age) {
            const auto seconds = parseUnsigned<std::uint64_t>(value);
            if (!seconds)
                return Error("its max_age is no number");
            age = static_cast<std::int64_t>(std::min<std::uint64_t>(*seconds, kLongestAge));
        } else if (key == "mx") {
            if (!isName(value.starts_with("*.") ? value.substr(2) : value) || out.hosts.size() >= kMostHosts)
                return Error("it has an mx that is no name");
            out.hosts.push_back(ascii::toLower(value));
        }
    }
    if (!version || !mode || !age)
        return Error("it has no " + std::string(!version ? "version" : !mode ? "mode" : "max_age"));
    if (*mode != Mode::none && out.hosts.empty())
        return Error("it has no mx");
    out.mode = *mode;
    out.maxAge = *age;
    return out;
}

std::optional<std::string> stsId(const std::vector<std::string>& records) {
    std::optional<std::string> out;
    std::size_t count = 0;
    for (const std::string& record : records) {
        Bytes rest = record;
        if (ascii::trim(ascii::cut(rest, ';')) != "v=" + std::string(kVersion))
            continue;
        ++count;
        out.reset();
        while (!rest.empty()) {
            Bytes field = ascii::trim(ascii::cut(rest, ';'));
            if (ascii::trim(ascii::cut(field, '=')) != "id")
                continue;
            const Bytes id = ascii::trim(field);
            if (id.empty() || id.size() > kLongestId || !std::all_of(id.begin(), id.end(), isAlnum))
                return std::nullopt;
            out = id;
        }
    }
    return count == 1 ? out : std::nullopt;
}

} // namespace twistdpp::mail
