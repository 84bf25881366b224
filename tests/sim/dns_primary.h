#pragma once
#include "support/dns_transfer_messages.h"
#include "twistdpp/dns_transfer/signed_request.h"
#include "twistdpp/dns_wire/message_reader.h"
#include "twistdpp/net/length_prefixed.h"
#include "twistdpp/reactor/reactor.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// A primary of a.test that answers as a test tells it: SOA with `serial`, transfers with what `zone` gives.
class SimPrimary final : public DatagramProtocol {
public:
    /// The answer sections of a transfer's messages.
    using Messages = std::vector<std::vector<std::string>>;

    SimPrimary(Reactor& reactor, const Address& address) {
        socket_ = reactor.bind(DatagramSpec(address), *this).value();
        port_ =
            reactor
                .listen(ListenSpec(address), makeFactory([this](const Address&) -> std::unique_ptr<Protocol> {
                            return std::make_unique<Connection>(*this);
                        }))
                .value();
    }

    std::uint32_t serial = 1;
    std::string times = "1000 100 5000 60"; // refresh, retry, expire, minimum
    bool silent = false, streamsOnly = false;
    bool endless = false;         // after what `zone` gives
    const TsigKey* key = nullptr; // signs with it
    std::function<Messages(Type)> zone = [this](Type) { return Messages{whole()}; };
    std::vector<std::string> asked; // "SOA udp", "IXFR tcp" ...

    std::vector<std::string> whole(const std::string& more = "www.a.test. 60 A 192.0.2.1") const {
        return {
            soaText(serial, times), "a.test. 60 NS ns.a.test.", "ns.a.test. 60 A 192.0.2.1", more,
            soaText(serial, times)};
    }
    std::size_t count(const std::string& what) const {
        return static_cast<std::size_t>(std::count(asked.begin(), asked.end(), what));
    }

private:
    class Connection final : public Int16StringReceiver {
    public:
        explicit Connection(SimPrimary& primary) : Int16StringReceiver(65'535), primary_(primary) {}

    private:
        void stringReceived(Bytes message) override {
            if (primary_.silent)
                return;
            const Type type = primary_.note(message, "tcp");
            TsigSigner signer = primary_.signerFor(message);
            const std::uint16_t id = MessageReader(message).id();
            Messages messages = type == Type::SOA ? Messages{{soaText(primary_.serial, primary_.times)}}
                                                  : primary_.zone(type);
            for (const auto& each : messages)
                sendString(primary_.sign(transferMessage(each, type, id), signer));
            if (primary_.endless)
                more(id, type);
        }
        void more(std::uint16_t id, Type type) {
            for (int i = 0; i < 20 && !transport().closing(); ++i) {
                std::vector<std::string> records;
                for (int k = 0; k < 500; ++k)
                    records.push_back("n" + std::to_string(++number_) + ".a.test. 60 A 192.0.2.1");
                sendString(transferMessage(records, type, id));
            }
            again_ = transport().reactor().callLater(std::chrono::milliseconds(1), [this, id, type] {
                if (!transport().closing())
                    more(id, type);
            });
        }
        SimPrimary& primary_;
        Timer again_;
        unsigned number_ = 0;
    };

    static const TsigKey& anyKey() {
        static const TsigKey made(Name::parse("none.").value(), Hash::sha256, "none");
        return made;
    }
    TsigSigner signerFor(Bytes message) const {
        const auto at = findTsig(message);
        std::string mac;
        if (at && *at != 0)
            mac = TsigRecord::read(message, *at)->mac;
        return TsigSigner(key ? *key : anyKey(), mac);
    }
    std::string sign(const std::string& message, TsigSigner& signer) const {
        if (!key)
            return message;
        std::vector<char> memory(65'535);
        MessageWriter out{std::span<char>(memory)};
        MessageReader reader(message);
        out.setId(reader.id());
        out.setFlags(reader.flags());
        Question question;
        while (reader.nextQuestion(question))
            out.question(question.name, question.type, question.klass);
        RecordView record;
        std::string rdata;
        while (reader.nextRecord(record)) {
            EXPECT_TRUE(reader.expand(record, rdata));
            out.record(Section::answer, record.owner, record.type, Class::in, record.ttl, rdata);
        }
        EXPECT_TRUE(signer.sign(out, static_cast<std::uint64_t>(std::time(nullptr))));
        return std::string(out.bytes());
    }
    Type note(Bytes message, const char* carrier) {
        MessageReader reader(message);
        Question question;
        EXPECT_TRUE(reader.nextQuestion(question));
        asked.push_back(typeText(question.type) + " " + carrier);
        return question.type;
    }
    void datagramReceived(Bytes data, const Address& from) override {
        if (silent || streamsOnly)
            return;
        const Type type = note(data, "udp");
        TsigSigner signer = signerFor(data);
        port().write(
            sign(transferMessage({soaText(serial, times)}, type, MessageReader(data).id()), signer), from
        );
    }

    std::unique_ptr<DatagramPort> socket_;
    std::unique_ptr<Port> port_;
};

} // namespace twistdpp::dns
