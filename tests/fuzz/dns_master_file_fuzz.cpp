// layers: dns_zone dns_wire base
// Master files from strangers: what is read is valid wire data, and its text makes the same data again.
#include "twistdpp/dns_wire/rdata.h"
#include "twistdpp/dns_zone/master_file.h"
#include "twistdpp/dns_zone/master_scanner.h"
#include "twistdpp/dns_zone/text_file.h"

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

struct Check {
    const Bytes zone;
    unsigned records = 0;

    MasterVerdict operator()(const MasterRecord& record) {
        require(wireNameSize(record.owner) == record.owner.size());
        require(validRdata(record.type, record.rdata));
        require(record.ttl <= 0x7fffffff && record.line > 0);
        if (++records > 200) // enough of one $GENERATE
            return {"is one too many", true};
        const std::string text = "$TTL 0\n" + nameText(record.owner) + ' ' + classText(record.klass) + ' ' +
                                 typeText(record.type) + ' ' + formatRdata(record.type, record.rdata) + '\n';
        unsigned again = 0;
        auto same = [&](const MasterRecord& copy) -> MasterVerdict {
            require(copy.owner == record.owner && copy.type == record.type && copy.rdata == record.rdata);
            ++again;
            return {};
        };
        MasterFileReader reader(zone);
        require(reader.readText(text, "again", same) && again == 1);
        return {};
    }
};

/// Every word lies within the text.
void checkWords(Bytes text) {
    const TextFile file = TextFile::copy(text);
    const Bytes all = file.text();
    MasterScanner scanner(all);
    unsigned last = 0;
    for (;;) {
        const auto found = scanner.next();
        if (found == MasterScanner::Found::end)
            break;
        require(scanner.line() > last);
        last = scanner.line();
        for (const Token& word : scanner.words())
            require(
                word.text.data() >= all.data() &&
                word.text.data() + word.text.size() <= all.data() + all.size()
            );
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes text(reinterpret_cast<const char*>(data), size);
    checkWords(text);
    MasterFileReader::Limits limits;
    limits.includeDepth = 0;
    limits.generated = 1000;
    limits.problems = 20;
    for (const Bytes origin : {Bytes("\7example", 9), Bytes()}) {
        MasterFileReader reader(origin, limits);
        Check check{Bytes("\0", 1)};
        const bool good = reader.readText(text, "fuzz", check);
        bool fatal = false;
        for (const ZoneProblem& each : reader.problems()) {
            fatal = fatal || each.fatal;
            require(each.message().find('\n') == std::string::npos);
        }
        require(good == !fatal);
    }
    return 0;
}
