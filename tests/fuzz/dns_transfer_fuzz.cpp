// layers: dns_transfer
// Transfers from a primary that lies: reading has an end within its limits, and what is accepted makes a zone
// of the serial that was told, or none.
#include "twistdpp/dns_transfer/zone_assembly.h"
#include "twistdpp/dns_wire/message_reader.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace twistdpp;
using namespace twistdpp::dns;

constexpr std::uint16_t kId = 7;
constexpr std::size_t kMostBytes = 4096;

void require(bool condition) {
    if (!condition)
        std::abort();
}

Name origin() {
    return Name::parse("a.test.").value();
}

std::string soa(std::uint32_t serial) {
    std::string rdata("\2ns\1a\4test\0\1h\1a\4test\0", 20);
    for (const std::uint32_t each : {serial, 1000U, 100U, 5000U, 60U})
        append32(rdata, each);
    return rdata;
}

/// The version that differences are applied to: serial 5.
std::shared_ptr<const Zone> known() {
    ZoneBuilder builder(origin());
    builder.add(origin(), Type::SOA, 60, soa(5));
    builder.add(origin(), Type::NS, 60, Bytes("\2ns\1a\4test\0", 11));
    builder.add(Name::parse("ns.a.test.").value(), Type::A, 60, Bytes("\xc0\0\2\1", 4));
    builder.add(Name::parse("www.a.test.").value(), Type::A, 60, Bytes("\xc0\0\2\1", 4));
    std::vector<ZoneProblem> problems;
    return builder.finish(problems);
}

} // namespace

/// The first byte chooses AXFR or IXFR; then come messages, each behind its length. Their id and flags are
/// made right unless the byte's second bit is set, so that mutations get deeper.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    static const std::shared_ptr<const Zone> before = known();
    const unsigned choice = data[0];
    const bool incremental = (choice & 1) != 0;
    TransferReader::Limits limits;
    limits.bytes = kMostBytes;
    limits.records = 200;
    TransferReader reader(
        origin(), incremental ? Type::IXFR : Type::AXFR, kId,
        incremental ? std::optional<std::uint32_t>(5) : std::nullopt, limits
    );
    Bytes rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    auto state = TransferReader::State::more;
    while (rest.size() >= 2 && state == TransferReader::State::more) {
        const std::size_t length = get16(rest.data());
        rest.remove_prefix(2);
        std::string message(rest.substr(0, length));
        rest.remove_prefix(message.size());
        if ((choice & 2) == 0 && message.size() >= 12) {
            put16(&message[0], kId);
            put16(&message[2], Flag::qr | Flag::aa);
        }
        state = reader.take(message);
        require((state == TransferReader::State::failed) == !reader.problem().empty());
    }
    require(reader.records() <= limits.records + 1);
    if (state == TransferReader::State::failed)
        require(reader.take(Bytes()) == TransferReader::State::failed);
    if (state != TransferReader::State::done)
        return 0;
    const TransferResult result = reader.result();
    std::size_t bytes = result.records.memory();
    for (const auto& each : result.differences)
        bytes += each->removed.memory() + each->added.memory();
    require(bytes <= kMostBytes);
    if (result.kind == TransferResult::Kind::upToDate) {
        require(incremental && !serialAfter(result.serial, 5));
        return 0;
    }
    const auto made = assembleZone(origin(), before, result);
    if (made)
        require(
            made->zone && made->zone->serial() == result.serial && equalNames(made->zone->origin(), origin())
        );
    else
        require(!made.error().message().empty());
    return 0;
}
