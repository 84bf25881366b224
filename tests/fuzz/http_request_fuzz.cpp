// layers: http
// The request parser over any bytes: the answer must not depend on how the input is cut, nothing outside the
// input is read, and what is accepted must be what was sent, taken apart.
#include "twistdpp/http/request_parser.h"
#include "twistdpp/http/tokens.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace twistdpp;
using namespace twistdpp::http;

void require(bool condition) {
    if (!condition)
        std::abort();
}

bool inside(Bytes part, Bytes whole) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

/// The fields are the input's lines: nothing between two of them but a colon, white space and CR LF.
void checkHead(const RequestHead& head, Bytes consumed) {
    require(consumed.ends_with("\r\n\r\n"));
    require(head.raw().find("\n\r\n") == head.raw().size() - 3);
    require(inside(head.target(), consumed) && !head.target().empty());
    require(inside(head.methodToken(), consumed) && isToken(head.methodToken()));
    require(head.headers().size() <= HeadLimits{}.fields && head.target().size() <= HeadLimits{}.target);
    require(head.authority().empty() || parseAuthority(head.authority()));
    const Target target = head.splitTarget();
    require(target.form == head.form());
    require(target.path.empty() || target.path.front() == '/');

    std::string rebuilt(head.methodToken());
    rebuilt.append(" ").append(head.target());
    const auto lineEnd = head.raw().find("\r\n");
    require(head.raw().substr(0, lineEnd).starts_with(rebuilt + " HTTP/1."));
    Bytes rest = head.raw().substr(lineEnd + 2);
    for (std::size_t i = 0; i < head.headers().size(); ++i) {
        const HeaderBlock::Field field = head.headers()[i];
        require(isToken(field.name) && isFieldValue(field.value));
        require(field.known == knownHeader(field.name));
        const auto end = rest.find("\r\n");
        const Bytes line = rest.substr(0, end);
        require(line.starts_with(field.name) && line[field.name.size()] == ':');
        const Bytes value = line.substr(field.name.size() + 1);
        require(value.size() >= field.value.size() && value.find(field.value) != Bytes::npos);
        rest.remove_prefix(end + 2);
    }
    require(rest == "\r\n");
    const HeaderBlock& headers = head.headers();
    require(!(headers.has(KnownHeader::contentLength) && headers.has(KnownHeader::transferEncoding)));
    require((head.body() == BodyKind::length) == (head.contentLength() > 0));
    require(head.minorVersion() == 0 || headers.has(KnownHeader::host));
}

struct Answer {
    ParseResult result;
    std::string target;
    std::size_t fields = 0;
};

Answer ask(RequestParser& parser, Bytes shown) {
    // Memory of exact size that is gone after the call, so that a stray read or a kept pointer is seen.
    const std::vector<char> exact(shown.begin(), shown.end());
    const Bytes input(exact.data(), exact.size());
    Answer answer;
    answer.result = parser.parse(input);
    if (answer.result.complete()) {
        require(answer.result.consumed <= shown.size());
        checkHead(parser.head(), input.substr(0, answer.result.consumed));
        answer.target = parser.head().target();
        answer.fields = parser.head().headers().size();
    }
    return answer;
}

bool same(const Answer& a, const Answer& b) {
    return a.result.state == b.result.state && a.result.status == b.result.status &&
           a.result.consumed == b.result.consumed && a.result.reason == b.result.reason &&
           a.target == b.target && a.fields == b.fields;
}

} // namespace

/// The first byte says how the rest is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::size_t step = 1 + data[0] % 64u;
    Bytes input(reinterpret_cast<const char*>(data) + 1, size - 1);
    RequestParser whole;
    RequestParser cut;
    while (!input.empty()) {
        const Answer expected = ask(whole, input);
        Answer answer;
        std::size_t shown = 0;
        while (answer.result.needMore() && shown < input.size()) {
            shown = std::min(shown + step, input.size());
            answer = ask(cut, input.substr(0, shown));
        }
        require(same(answer, expected));
        if (!expected.result.complete())
            break;
        input.remove_prefix(expected.result.consumed);
    }
    return 0;
}
