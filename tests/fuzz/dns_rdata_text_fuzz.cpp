// layers: dns_wire
// Records' data as text: "TYPE words". What is accepted fits its type, and its text means the same data.
#include "support/dns_rdata_words.h"
#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/tsig_keys.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace twistdpp;
using namespace twistdpp::dns;

void require(bool condition) {
    if (!condition)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes line(reinterpret_cast<const char*>(data), size);
    if (const auto keys = TsigKeys::parse(line, "keys"))
        require(keys->size() > 0);
    const auto type = typeFromText(ascii::cut(line, ' '));
    if (!type)
        return 0;
    const auto words = test::words(line);
    std::string rdata;
    if (!parseRdata(*type, words, test::kExample, rdata)) {
        require(rdata.empty());
        return 0;
    }
    require(rdata.size() <= 0xffff && validRdata(*type, rdata));
    const std::string text = formatRdata(*type, rdata);
    require(test::wire(*type, text, test::kRoot) == rdata);
    std::string expanded;
    require(expandRdata(*type, rdata, 0, rdata.size(), expanded));
    // Names in it may look like pointers to nobody: they are written out, and so nothing changes.
    require(expanded == rdata);
    return 0;
}
