// layers: mime
// A message as a stranger writes it: all that is borrowed lies inside of it, and what is shown is UTF-8.
#include "twistdpp/base/utf8.h"
#include "twistdpp/mime/part.h"

#include <cstdint>
#include <cstdlib>

using namespace twistdpp;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

void check(const mime::Part& part, Bytes within, std::size_t depth) {
    require(depth <= mime::kDeepest);
    const auto inside = [&](Bytes piece) {
        require(
            piece.empty() ||
            (piece.data() >= within.data() && piece.data() + piece.size() <= within.data() + within.size())
        );
    };
    inside(part.header);
    inside(part.body);
    for (const mime::Field& field : part.fields) {
        inside(field.name);
        inside(field.value);
        require(utf8::isValid(mime::decodeWords(mime::unfold(field.value))));
    }
    require(utf8::isValid(part.text()));
    require(utf8::isValid(part.fileName()));
    require(part.fileName().find('/') == std::string::npos);
    for (const mime::Part& each : part.parts)
        check(each, part.body, depth + 1);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(reinterpret_cast<const char*>(data), size);
    const mime::Part message = mime::parseMessage(input);
    check(message, input, 0);
    for (const mime::Part* each : mime::overviewOf(message).attachments)
        require(!each->isMultipart() || each->parts.empty());
    return 0;
}
