#include "twistdpp/mail_proof/dkim_text.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/mail_proof/canonical.h"

#include <algorithm>
#include <map>

namespace twistdpp::mail {

std::string signedText(
    const std::vector<mime::Field>& fields, const std::vector<std::string>& names,
    const mime::Field& signature, bool relaxed
) {
    std::map<std::string, std::vector<const mime::Field*>> left; // by name, in their order
    for (const mime::Field& field : fields)
        left[ascii::toLower(ascii::trim(field.name))].push_back(&field);
    std::string out;
    for (const std::string& name : names) {
        auto& those = left[ascii::toLower(name)];
        if (those.empty())
            continue;
        out += canonicalField(*those.back(), relaxed);
        those.pop_back();
    }
    std::string own = canonicalField(signature, relaxed);
    own.resize(own.size() - 2); // its line's end is not signed
    return out + own;
}

std::string withoutSignature(Bytes value) {
    std::string out;
    while (!value.empty()) {
        const bool more = value.find(';') != Bytes::npos;
        const Bytes tag = ascii::cut(value, ';');
        Bytes name = tag;
        name = ascii::trim(ascii::cut(name, '='), " \t\r\n");
        const std::size_t equals = tag.find('=');
        out += name == "b" && equals != Bytes::npos ? tag.substr(0, equals + 1) : tag;
        if (more)
            out += ';';
    }
    return out;
}

} // namespace twistdpp::mail
