// layers: http
// Targets and paths from strangers: what is accepted has no way out of the root, survives being encoded and
// read again, and makes no redirect to another server.
#include "twistdpp/http/target.h"
#include "twistdpp/http/tokens.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace twistdpp;
using namespace twistdpp::http;

void require(bool condition) {
    if (!condition)
        std::abort();
}

void checkNormal(Bytes path, const PathRules& rules) {
    require(!path.empty() && path.front() == '/');
    require(path.find('\0') == Bytes::npos && path.find("//") == Bytes::npos);
    require(rules.allowBackslash || path.find('\\') == Bytes::npos);
    require(!rules.requireUtf8 || isUtf8(path));
    const std::string closed = std::string(path) + '/';
    require(closed.find("/./") == std::string::npos && closed.find("/../") == std::string::npos);
    if (!rules.allowControls) {
        for (const char c : path)
            require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    }
}

void checkPath(Bytes raw, const PathRules& rules) {
    std::string path;
    if (normalisePath(raw, path, rules))
        return;
    checkNormal(path, rules);

    const std::string encoded = encodePath(path);
    require(chars::all(encoded, chars::target));
    std::string again;
    require(!normalisePath(encoded, again, rules));
    require(again == path);
}

void checkRedirect(Bytes path, Bytes query) {
    const std::string location = redirectTarget(path, query);
    require(location.front() == '/' && chars::all(location, chars::target));
    require(location.size() < 2 || (location[1] != '/' && location[1] != '\\'));
}

} // namespace

/// The first byte chooses the rules and the method.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const unsigned choice = data[0];
    const Bytes input(reinterpret_cast<const char*>(data) + 1, size - 1);
    PathRules rules;
    rules.allowEncodedSlash = choice & 1;
    rules.allowBackslash = choice & 2;
    rules.allowControls = choice & 4;
    rules.requireUtf8 = choice & 8;
    checkPath(input, rules);
    checkRedirect(input, input.substr(input.size() / 2));

    std::string segment = "/" + encodeSegment(input);
    if (!input.empty() && input != "." && input != ".." && input.find('\0') == Bytes::npos) {
        rules = {true, true, true, false};
        std::string path;
        if (input.find('/') == Bytes::npos)
            require(!normalisePath(segment, path, rules) && path == "/" + std::string(input));
    }
    require(decodeFormPart(encodeQueryPart(input)) == std::string(input));

    if (chars::all(input, chars::target)) {
        const Method method = choice & 16 ? Method::connect : choice & 32 ? Method::options : Method::get;
        if (const auto target = splitTarget(method, input)) {
            require(target->authority.empty() || parseAuthority(target->authority));
            require((target->form == TargetForm::authority) == (method == Method::connect));
            require(target->path.empty() || target->path.front() == '/');
            if (target->form == TargetForm::origin)
                require(
                    target->path.size() + (target->hasQuery ? 1 : 0) + target->query.size() == input.size()
                );
        }
    }
    FormReader reader(input);
    std::size_t pairs = 0;
    while (const auto pair = reader.next())
        require(pair->name.size() + pair->value.size() <= input.size() && ++pairs <= input.size());
    return 0;
}
