// layers: imap_client pop3
// The first byte says which client it is and how the rest is cut; the rest is what a server sends to one that
// has asked for everything. Whatever it is, each thing that was asked comes to an end with the connection.
#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/imap_client/imap_client.h"
#include "twistdpp/pop3/pop3_client.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace twistdpp;

namespace {

struct Calls {
    std::size_t asked = 0, ended = 0;

    template <class T>
    void watch(Deferred<T> call) {
        ++asked;
        std::move(call).addBoth([this](const Outcome<T>&) { ++ended; }).detach();
    }
};

class Imap final : public imap::IMAP4Client {
public:
    explicit Imap(Calls& calls) : calls_(calls) {}

private:
    void serverGreeting(const std::string&) override {
        calls_.watch(login(SaslIdentity("joe", Secret("x"))));
        calls_.watch(select("INBOX"));
        calls_.watch(list("", "*"));
        calls_.watch(fetch("1:*", "(FLAGS BODY[])"));
        calls_.watch(append("x", "a\r\nb"));
        calls_.watch(search("ALL"));
        calls_.watch(idle());
    }
    Calls& calls_;
};

class Pop3 final : public pop3::POP3Client {
public:
    explicit Pop3(Calls& calls) : calls_(calls) {}

private:
    void serverGreeting(Bytes) override {
        calls_.watch(login(SaslIdentity("joe", Secret("x"))));
        calls_.watch(stat());
        calls_.watch(listSize());
        calls_.watch(listUID());
        calls_.watch(retrieve(1));
        calls_.watch(top(2, 3));
        calls_.watch(quit());
    }
    Calls& calls_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes input(reinterpret_cast<const char*>(data), size);
    if (input.empty() || size > 8192)
        return 0;
    const auto first = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    const std::size_t step = first % 2 == 0 ? input.size() + 1 : first / 4U + 1;
    Calls calls;
    test::ManualReactor reactor;
    {
        test::StringTransport transport(reactor);
        std::unique_ptr<Protocol> client;
        if ((first & 2U) != 0)
            client = std::make_unique<Imap>(calls);
        else
            client = std::make_unique<Pop3>(calls);
        transport.connect(std::move(client));
        while (!input.empty() && !transport.closing()) {
            transport.receive(input.substr(0, step));
            input.remove_prefix(std::min(step, input.size()));
        }
        transport.lose();
    }
    if (calls.asked != calls.ended)
        std::abort();
    return 0;
}
