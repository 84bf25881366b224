#include "twistdpp/dns_zone/master_file.h"

#include "twistdpp/dns_zone/master_reader.h"

#include <utility>

namespace twistdpp::dns {

MasterFileReader::MasterFileReader(Bytes origin) : MasterFileReader(origin, Limits()) {}
MasterFileReader::MasterFileReader(Bytes origin, Limits limits)
    : work_(std::make_unique<Work>(origin, limits)) {}
MasterFileReader::~MasterFileReader() = default;

Bytes MasterFileReader::origin() const noexcept {
    return work_->zone;
}
const std::vector<ZoneProblem>& MasterFileReader::problems() const noexcept {
    return work_->problems.all();
}
const std::vector<std::string>& MasterFileReader::files() const noexcept {
    return work_->files;
}

bool MasterFileReader::readFile(const std::string& path, const MasterSink& sink) {
    work_->watch(path);
    const auto text = TextFile::read(path);
    if (!text) {
        work_->problems.add(path, 0, text.error().message(), true);
        return false;
    }
    return work_->begin(*text, path, sink);
}

bool MasterFileReader::readText(Bytes text, const std::string& name, const MasterSink& sink) {
    return work_->begin(TextFile::copy(text), name, sink);
}

bool MasterFileReader::Work::begin(const TextFile& text, const std::string& name, const MasterSink& to) {
    sink = &to;
    std::size_t mark = 0;
    const char* const marked = text.byteOrderMark(mark);
    if (marked != nullptr) {
        problems.add(name, 1, std::string("the file ") + marked, true);
        if (mark == 0)
            return false;
    }
    if (zone.empty())
        zone = origin = findOrigin(text.text().substr(mark));
    if (zone.empty()) {
        problems.add(
            name, 0,
            "the zone's name is not known: begin the file with $ORIGIN and the name, or give the name with "
            "the file",
            true
        );
        return false;
    }
    names.push_back(name);
    Source source{names.back(), text, nullptr, 0, MasterScanner(text.text().substr(mark))};
    readSource(source);
    return !problems.anyFatal();
}

void MasterFileReader::Work::readSource(Source& source) {
    while (!problems.isFull()) {
        switch (source.scanner.next()) {
        case MasterScanner::Found::entry:
            readEntry(source);
            break;
        case MasterScanner::Found::problem:
            problem(source, source.scanner.problem());
            break;
        case MasterScanner::Found::end:
            return;
        }
    }
}

} // namespace twistdpp::dns
