// layers: imap_server
// The first byte says how the rest is cut; the rest is what a client sends to a mailbox in memory. Whatever
// it is, the dialogue goes on or ends, and numbers that are told are those of messages that there are.
#include "support/imap_memory.h"
#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/imap_server/imap_server.h"

#include <algorithm>
#include <cstdint>

using namespace twistdpp;

namespace {

constexpr Bytes kText =
    "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\na\r\n--b--\r\n";

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1)
        return 0;
    const std::size_t step = data[0] == 0 ? size : data[0];
    Bytes input(reinterpret_cast<const char*>(data) + 1, size - 1);
    test::ManualReactor reactor;
    imap::ServerOptions options;
    CheckerSet checkers;
    checkers.add(std::make_unique<test::Anyone>());
    options.accounts.emplace(reactor, std::move(checkers), std::make_shared<LoginThrottle>());
    test::MemoryBoxes boxes;
    for (unsigned i = 0; i < 4; ++i)
        boxes["INBOX"].add(std::string(kText), i % 2 == 0 ? 0U : imap::Flag::deleted);
    boxes["Sent/\xc3\xbc"].add(std::string(600'000, 'x') + "\r\n");
    options.open = [&boxes](const AvatarId&) { return std::make_unique<test::MemoryAccount>(boxes); };
    test::StringTransport transport(reactor);
    transport.connect(std::make_unique<imap::ImapServer>(
        std::make_shared<const imap::ServerOptions>(options), Logger("imap")
    ));
    while (!input.empty()) {
        transport.receive(input.substr(0, step));
        input.remove_prefix(std::min(step, input.size()));
    }
    reactor.advance(std::chrono::minutes(60));
    test::need(transport.value().starts_with("* OK") && transport.value().ends_with("\r\n"));
    transport.lose();
    return 0;
}
