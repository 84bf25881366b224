// layers: ftp
// What a client sends, and what a server's listings have: commands are the same however they are cut, names
// and addresses are read or refused, and what is written is read back.
#include "twistdpp/files/tree_path.h"
#include "twistdpp/ftp/command_reader.h"
#include "twistdpp/ftp/host_port.h"
#include "twistdpp/ftp/line_ends.h"
#include "twistdpp/ftp/listing.h"
#include "twistdpp/ftp/reply.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

using namespace twistdpp;
using namespace twistdpp::ftp;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

std::vector<std::string> commandsOf(Bytes input, std::size_t step) {
    std::vector<std::string> out;
    CommandReader reader(
        [&](std::string line) { out.push_back(std::move(line)); }, [&] { out.emplace_back("too long"); }
    );
    for (; !input.empty(); input.remove_prefix(std::min(step, input.size())))
        reader.read(input.substr(0, step));
    return out;
}

template <class Translation>
std::string translated(Bytes input, std::size_t step) {
    Translation translation;
    std::string out;
    for (; !input.empty(); input.remove_prefix(std::min(step, input.size())))
        translation.read(input.substr(0, step), out);
    if constexpr (requires { translation.end(out); })
        translation.end(out);
    return out;
}

void paths(Bytes input) {
    const auto path = files::resolvePath("/a/b", input);
    if (!path)
        return;
    require(
        path->front() == '/' && path->find('\0') == std::string::npos && path->find("//") == std::string::npos
    );
    require(
        (*path + "/").find("/../") == std::string::npos && (*path + "/").find("/./") == std::string::npos
    );
    require(files::resolvePath("/", *path) == path);
    require(unquotedPath(quotedPath(*path)) == *path);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1)
        return 0;
    const std::size_t step = data[0] % 7 + 1U;
    const Bytes input(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = commandsOf(input, input.size() + 1);
    require(whole == commandsOf(input, step));
    for (const std::string& line : whole) {
        require(line.size() <= CommandReader::kLongest && line.find('\n') == std::string::npos);
        paths(line);
        if (const auto address = parseHostPort(line))
            require(parseHostPort(hostPortText(*address)) == address);
        if (const auto port = parseExtendedPort(line); port.address)
            require(parseExtendedPort(extendedPortText(*port.address)).address == port.address);
        static_cast<void>(parseExtendedPassive(line));
        if (const auto listed = parseListLine(line))
            require(!listed->name.empty());
        if (const auto listed = parseFactLine(line))
            require(!listed->name.empty());
        static_cast<void>(parseFacts(line));
        if (const auto time = parseTime(line))
            require(parseTime(timeText(*time)) == time);
        const std::string reply = Reply(550, line).toString();
        require(reply.find('\n') == reply.size() - 1);
    }
    require(translated<ToNetwork>(input, input.size() + 1) == translated<ToNetwork>(input, step));
    require(translated<FromNetwork>(input, input.size() + 1) == translated<FromNetwork>(input, step));
    return 0;
}
