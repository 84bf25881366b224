#include "twistdpp/dns_zone/master_file.h"
#include "twistdpp/dns_zone/problem_list.h"

#include <optional>

namespace twistdpp::dns {

namespace {

/// Puts the records into a builder, which is made when the zone's name is known.
class ZoneSink {
public:
    explicit ZoneSink(const MasterFileReader& reader) : reader_(reader) {}

    MasterVerdict operator()(const MasterRecord& record) {
        if (record.klass != Class::in)
            return {"is not of the class IN, the only one that is served", true};
        using Added = ZoneBuilder::Added;
        const Added what = builder().add(record.owner, record.type, record.ttl, record.rdata);
        switch (what) {
        case Added::added:
            return {};
        case Added::duplicate:
        case Added::otherTtl:
            return {ZoneBuilder::explain(what), false};
        default:
            return {ZoneBuilder::explain(what), true};
        }
    }

    ZoneBuilder& builder() {
        if (!builder_)
            builder_.emplace(reader_.origin());
        return *builder_;
    }

private:
    const MasterFileReader& reader_;
    std::optional<ZoneBuilder> builder_;
};

} // namespace

LoadedZone loadMasterFile(const std::string& path, const std::string& origin) {
    LoadedZone loaded;
    Name name;
    if (!origin.empty()) {
        auto parsed = Name::parse(origin);
        if (!parsed) {
            loaded.problems.push_back({true, path, 0, "the zone's name: " + parsed.error().message()});
            loaded.files.push_back(path);
            return loaded;
        }
        name = std::move(*parsed);
    }
    MasterFileReader reader(origin.empty() ? Bytes() : name.wire());
    ZoneSink sink(reader);
    const bool good = reader.readFile(path, sink);
    loaded.problems = reader.problems();
    loaded.files = reader.files();
    if (good)
        loaded.zone = sink.builder().finish(loaded.problems);
    nameFile(loaded.problems, path);
    return loaded;
}

} // namespace twistdpp::dns
