#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_zone/master_file.h"
#include "twistdpp/dns_zone/python_reader.h"

#include <utility>

namespace twistdpp::dns {

namespace {

/// Where the zone's SOA is among the calls, or nullptr.
const PythonCall* findSoa(const std::vector<PythonCall>& calls) noexcept {
    for (const PythonCall& call : calls) {
        if (call.type->type == Type::SOA)
            return &call;
    }
    return nullptr;
}

} // namespace

LoadedZone pythonZone(Bytes text, const std::string& name) {
    LoadedZone loaded;
    ProblemList problems;
    PythonReader reader(text);
    const bool readable = reader.read();
    if (!readable)
        problems.add(name, reader.line(), reader.problem(), true);
    const PythonCall* soa = findSoa(reader.calls());
    std::string origin, owner, rdata;
    std::uint32_t defaultTtl = 0;
    if (soa == nullptr && readable)
        problems.add(name, 0, "there is no SOA(...) in the list, so the zone has no name", true);
    if (soa != nullptr) {
        const std::string what = pythonName(soa->values[0], origin);
        if (!what.empty() || !pythonRdata(*soa, rdata).empty())
            soa = nullptr; // told below
        else
            defaultTtl = get32(&rdata[rdata.size() - 4]); // RFC 1035 section 3.3.13
    }
    ZoneBuilder builder(soa != nullptr ? Bytes(origin) : Bytes("\0", 1));
    for (const PythonCall& call : reader.calls()) {
        owner.clear();
        rdata.clear();
        std::uint32_t ttl = defaultTtl;
        std::string what = pythonName(call.values[0], owner);
        if (!what.empty())
            owner.clear();
        else
            what = pythonRdata(call, rdata);
        if (what.empty() && call.ttl)
            what = pythonSeconds(*call.ttl, ttl);
        bool fatal = true;
        if (what.empty() && soa != nullptr) {
            const ZoneBuilder::Added added = builder.add(owner, call.type->type, ttl, rdata);
            fatal = added != ZoneBuilder::Added::duplicate && added != ZoneBuilder::Added::otherTtl;
            if (added != ZoneBuilder::Added::added)
                what = ZoneBuilder::explain(added);
        }
        if (!what.empty()) {
            const std::string prefix = owner.empty() ? "" : nameText(owner) + ' ';
            problems.add(name, call.line, prefix + call.type->name + ": " + what, fatal);
        }
        if (problems.isFull())
            break;
    }
    const bool good = !problems.anyFatal();
    loaded.problems = problems.take();
    if (good)
        loaded.zone = builder.finish(loaded.problems);
    return loaded;
}

LoadedZone loadPythonZone(const std::string& path) {
    LoadedZone loaded;
    const auto file = TextFile::read(path);
    std::size_t mark = 0;
    if (!file) {
        loaded.problems.push_back({true, path, 0, file.error().message()});
    } else if (const char* marked = file->byteOrderMark(mark); marked != nullptr && mark == 0) {
        loaded.problems.push_back({true, path, 1, std::string("the file ") + marked});
    } else {
        loaded = pythonZone(file->text().substr(mark), path); // Python takes the mark of UTF-8 as well
    }
    nameFile(loaded.problems, path);
    loaded.files.push_back(path);
    return loaded;
}

} // namespace twistdpp::dns
