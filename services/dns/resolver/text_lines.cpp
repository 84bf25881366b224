#include "twistdpp/dns_resolver/text_lines.h"

#include "twistdpp/base/unique_fd.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace twistdpp::dns {

Result<std::string> readSmallFile(const std::string& path, std::size_t most) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file)
        return Error::fromErrno(errno, "cannot read " + path);
    std::string text;
    for (;;) {
        const std::size_t had = text.size();
        text.resize(had + 16384);
        const ssize_t got = ::read(file.get(), text.data() + had, text.size() - had);
        if (got < 0 && errno == EINTR) {
            text.resize(had);
            continue;
        }
        if (got < 0)
            return Error::fromErrno(errno, "cannot read " + path);
        text.resize(had + static_cast<std::size_t>(got));
        if (got == 0)
            return text;
        if (text.size() > most)
            return Error(path + " is larger than " + std::to_string(most) + " bytes");
    }
}

Bytes nextWord(Bytes& line) noexcept {
    constexpr Bytes kBlank = " \t\r\f\v";
    line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
    const std::size_t end = std::min(line.find_first_of(kBlank), line.size());
    const Bytes word = line.substr(0, end);
    line.remove_prefix(end);
    return word;
}

} // namespace twistdpp::dns
