// layers: service_web
// An Authorization field: what is read as a name and a password is just what was written, and the input is
// taken for such a pair itself.
#include "twistdpp/service_web/login/basic_credentials.h"

#include "twistdpp/base/base64.h"

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace twistdpp;
using namespace twistdpp::web;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

void check(Bytes field) {
    const auto read = basicCredentials(field);
    if (!read)
        return;
    require(!read->user.empty() && read->user.find(':') == std::string::npos);
    const std::string both = read->user + ":" + std::string(read->password.bytes());
    require(both.find('\n') == std::string::npos && both.find('\0') == std::string::npos);
    require(field.find(toBase64(both)) != Bytes::npos);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(reinterpret_cast<const char*>(data), size);
    check(input);
    check("Basic " + toBase64(input));
    return 0;
}
