#include "twistdpp/service_web/login/basic_credentials.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"

#include <algorithm>

namespace twistdpp::web {

namespace {
constexpr std::size_t kLongest = 4096; // of what is encoded

bool isControl(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
}
} // namespace

std::optional<BasicCredentials> basicCredentials(Bytes field) {
    constexpr Bytes kScheme = "Basic";
    field = ascii::trim(field);
    if (field.size() <= kScheme.size() || field.size() > kLongest || field[kScheme.size()] != ' ' ||
        !ascii::equalsIgnoreCase(field.substr(0, kScheme.size()), kScheme))
        return std::nullopt;
    auto text = fromBase64(ascii::trim(field.substr(kScheme.size())));
    if (!text)
        return std::nullopt;
    std::optional<BasicCredentials> out;
    // A password may have colons in it, a name may not.
    const auto colon = text->find(':');
    if (colon != std::string::npos && colon > 0 && std::none_of(text->begin(), text->end(), isControl))
        out = BasicCredentials{text->substr(0, colon), Secret(Bytes(*text).substr(colon + 1))};
    wipe(text->data(), text->size());
    return out;
}

} // namespace twistdpp::web
