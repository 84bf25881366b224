// layers: dns_server
// Any message a client may send, to a server of zones that have everything: at most one answer comes, and it
// is a whole message that fits, has the id and the question, and nothing twice. The first byte says how it is
// sent and whether the rest is a message or the makings of one, so that names of the zones are met.
#include "support/dns_signed_zones.h"
#include "twistdpp/dns_server/responder.h"
#include "twistdpp/dns_wire/message_reader.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata.h"
#include "twistdpp/dns_zone/hosts_reader.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace twistdpp;
using namespace twistdpp::dns;

void require(bool condition) {
    if (!condition)
        std::abort();
}

const char* const kPlain = R"($TTL 300
@            SOA ns h 1 3600 900 604800 60
             NS ns
             MX 10 mail
ns           A 192.0.2.1
mail         AAAA 2001:db8::1
a            CNAME b
b            CNAME a
c            CNAME x.moved
d            CNAME www.example.com.
circle       DNAME x.round
round        DNAME circle
moved        DNAME wild
away         DNAME insecure.example.com.
*.wild       CNAME x.www
*.www        MX 5 mail
             SRV 0 0 1 a
cut          NS ns.cut
             NS ns
ns.cut       A 192.0.2.2
x.y.z        TXT "one" "two"
$GENERATE 0-59 big A 192.0.2.$
$GENERATE 0-39 many NS ns$.many
$GENERATE 0-39 ns$.many A 192.0.2.$
long         DNAME aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff.aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff.aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff
)";
const char* const kHosts = "192.0.2.1 one two.hosts\n2001:db8::1 one\n192.0.2.9 *.dev.hosts\n";

/// What names are made of.
constexpr std::array<Bytes, 34> kLabels{
    "ns",
    "a",
    "b",
    "ent",
    "wild",
    "*",
    "host",
    "alias",
    "walias",
    "secure",
    "insecure",
    "deleg",
    "hollow",
    "moved",
    "cut",
    "big",
    "many",
    "long",
    "circle",
    "round",
    "away",
    "www",
    "x",
    "y",
    "z",
    "mail",
    "one",
    "two",
    "dev",
    "c",
    "d",
    "hosts",
    "6T99RD75RCFAHUJGFAE0IRV1NTCMU1RP",
    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"};
constexpr std::array<Bytes, 8> kOrigins{"example.com.",          "nsec3.test.",   "optout.test.",
                                        "plain.test.",           "expired.test.", ".",
                                        "2.0.192.in-addr.arpa.", "hosts."};

ServedZone zone(Bytes origin, const char* text) {
    const Name name = Name::parse(origin).value();
    ZoneBuilder builder(name);
    MasterFileReader reader(name);
    auto add = [&builder](const MasterRecord& record) {
        builder.add(record.owner, record.type, record.ttl, record.rdata);
        return MasterVerdict();
    };
    require(reader.readText(text, "zone", add));
    std::vector<ZoneProblem> problems;
    ServedZone made{std::string(name.wire()), builder.finish(problems)};
    require(made.zone != nullptr);
    return made;
}

std::shared_ptr<const Catalog> catalog() {
    std::vector<ServedZone> zones{
        zone(kOrigins[0], test::kNsecZone), zone(kOrigins[1], test::kNsec3Zone),
        zone(kOrigins[2], test::kOptOutZone), zone(kOrigins[3], kPlain)};
    zones.push_back({std::string(Name::parse(kOrigins[4]).value().wire()), nullptr});
    ZoneBuilder builder = ZoneBuilder::hosts();
    ProblemList problems;
    HostsReader(builder, problems, 60).read(TextFile::copy(kHosts), "hosts");
    std::vector<ZoneProblem> findings;
    return std::make_shared<Catalog>(std::move(zones), builder.finish(findings));
}

/// A query out of a type, flags, what OPT says, an origin and labels.
std::string compose(Bytes from) {
    std::string message("\x12\x34\0\0\0\1\0\0\0\0\0\0", 12);
    if (from.size() < 7)
        return message;
    std::string name;
    for (const char each : from.substr(7)) {
        const Bytes label = kLabels[static_cast<unsigned char>(each) % kLabels.size()];
        if (name.size() + label.size() > 230)
            break;
        name += static_cast<char>(label.size());
        name += label;
    }
    put16(&message[2], get16(&from[2]) & 0x01ff);
    message += name;
    message += Name::parse(kOrigins[get8(&from[6]) % kOrigins.size()]).value().wire();
    message += from.substr(0, 2);
    append16(message, 1);
    const unsigned options = get16(&from[2]) >> 9;
    if ((options & 1) == 0)
        return message;
    std::string values;
    if (options & 2)
        values += std::string("\0\3\0\0", 4);
    if (options & 4)
        values += std::string("\0\12\0\10cookies!", 12);
    if (options & 8)
        values += std::string("\0\13\0\0", 4);
    if (options & 16)
        values += std::string("\0\14\0\0", 4);
    put16(&message[10], 1);
    message += std::string("\0\0\51", 3);
    message += from.substr(4, 2);
    append32(message, options & 32 ? 0x8000 : 0);
    append16(message, static_cast<std::uint16_t>(values.size()));
    return message + values;
}

void checkAnswer(Bytes answer, Bytes request, std::size_t room) {
    require(answer.size() >= 12 && answer.size() <= room);
    MessageReader reader(answer);
    require(reader.id() == get16(&request[0]) && (reader.flags() & Flag::qr) != 0);
    require((reader.flags() & Flag::opcodeMask) == (get16(&request[2]) & Flag::opcodeMask));
    Question question;
    unsigned questions = 0, opts = 0;
    while (reader.nextQuestion(question)) {
        ++questions;
        // As it was asked, letter by letter.
        const Bytes asked = request.substr(12);
        require(asked.substr(0, wireNameSize(asked)) == question.name);
    }
    require(questions <= 1);
    std::set<std::string> seen;
    RecordView record;
    std::string rdata;
    while (reader.nextRecord(record)) {
        if (record.type == Type::OPT) {
            require(++opts == 1 && record.section == Section::additional);
            continue;
        }
        require(record.klass == Class::in && reader.expand(record, rdata) && validRdata(record.type, rdata));
        const std::string owner(NameKey(record.owner).wire());
        require(
            seen.insert(std::to_string(int(record.section)) + typeText(record.type) + owner + '\n' + rdata)
                .second
        );
    }
    require(!reader.malformed() && reader.position() == answer.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    static Metrics metrics;
    static QueryLog log(Logger("dns"), metrics, 0);
    static Responder* const responder = [] {
        ResponderSettings settings;
        settings.nsid = "here";
        auto* const made = new Responder(settings, log);
        made->setCatalog(catalog());
        return made;
    }();
    responder->setRecursion([allowed = (data[0] & 4) != 0](const Address&) { return allowed; });
    const auto carrier = static_cast<Carrier>(std::min(data[0] & 3, 2));
    const Bytes rest(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::string request = (data[0] & 8) != 0 ? compose(rest) : std::string(rest);
    // No larger than it must be, so that a byte too much is found.
    const std::size_t room = carrier == Carrier::udp ? 1232 : 65'535;
    std::vector<char> out(room);
    static const Address from = Address::parse("192.0.2.7", 4000).value();
    if (responder->respond(request, from, carrier, out) == Responder::Fate::answered)
        checkAnswer({out.data(), responder->size()}, request, room);
    return 0;
}
