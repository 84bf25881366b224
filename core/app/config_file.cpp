#include "twistdpp/app/config_file.h"

#include "twistdpp/app/option_set.h"
#include "twistdpp/base/ascii.h"
#include "twistdpp/base/unique_fd.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace twistdpp {

namespace {

class Parser {
public:
    Parser(Bytes text, ConfigFile& file) : text_(text), file_(file) {}

    Result<void> run() {
        if (text_.starts_with("\xEF\xBB\xBF"))
            text_.remove_prefix(3);
        while (!text_.empty()) {
            ++line_;
            if (auto done = oneLine(nextLine()); !done)
                return done;
        }
        return {};
    }

private:
    Bytes nextLine() {
        Bytes line = ascii::cut(text_, '\n');
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        return line;
    }

    Error at(unsigned line, const std::string& what) const {
        return Error(file_.path + ":" + std::to_string(line) + ": " + what);
    }

    Result<void> oneLine(Bytes line) {
        line = ascii::trim(line);
        if (line.empty() || line.front() == '#' || line.front() == ';')
            return {};
        if (line.find('\0') != Bytes::npos)
            return at(line_, "a NUL byte; is this a text file?");
        if (line.front() == '[')
            return sectionLine(line);
        const auto equals = line.find('=');
        if (equals == Bytes::npos)
            return at(line_, "expected 'key = value' or '[section]'");
        const Bytes key = ascii::trim(line.substr(0, equals));
        if (!isName(key))
            return at(line_, "'" + std::string(key) + "' is no option's name (letters, digits, dashes)");
        if (file_.sections.empty())
            file_.sections.push_back({"", line_, {}});
        return values(key, ascii::trim(line.substr(equals + 1)));
    }

    Result<void> sectionLine(Bytes line) {
        const auto close = line.find(']');
        if (close == Bytes::npos)
            return at(line_, "'[' without ']'");
        if (auto rest = onlyComment(line.substr(close + 1)); !rest)
            return rest;
        const Bytes name = ascii::trim(line.substr(1, close - 1));
        if (!isName(name))
            return at(line_, "'" + std::string(name) + "' is no section's name (letters, digits, dashes)");
        if (const ConfigSection* before = file_.section(name))
            return at(
                line_, "section [" + std::string(name) + "] was begun at line " + std::to_string(before->line)
            );
        file_.sections.push_back({std::string(name), line_, {}});
        return {};
    }

    Result<void> values(Bytes key, Bytes rest) {
        if (!rest.starts_with('['))
            return oneValue(key, rest, false);
        const unsigned begun = line_;
        rest.remove_prefix(1);
        while (true) {
            rest = ascii::trim(rest);
            if (rest.empty() || rest.front() == '#') {
                if (text_.empty())
                    return at(begun, "'[' without ']'");
                ++line_;
                rest = nextLine();
            } else if (rest.front() == ']') {
                return onlyComment(rest.substr(1));
            } else if (rest.front() == ',') {
                rest.remove_prefix(1);
            } else if (auto taken = oneValue(key, rest, true); !taken) {
                return taken;
            }
        }
    }

    /// Takes one value off `rest`. Outside an array only a comment may follow it.
    Result<void> oneValue(Bytes key, Bytes& rest, bool inArray) {
        std::string value;
        if (rest.starts_with('"')) {
            if (auto quoted = doubleQuoted(rest, value); !quoted)
                return quoted;
        } else if (rest.starts_with('\'')) {
            const auto end = rest.find('\'', 1);
            if (end == Bytes::npos)
                return at(line_, "a quote is not closed");
            value = rest.substr(1, end - 1);
            rest.remove_prefix(end + 1);
        } else {
            // A bare value may hold '#' (a URL's fragment): only one after a space begins a comment.
            std::size_t end = inArray ? std::min(rest.find_first_of(",]"), rest.size()) : rest.size();
            for (std::size_t i = 1; i < end; ++i) {
                if (rest[i] == '#' && (rest[i - 1] == ' ' || rest[i - 1] == '\t'))
                    end = i;
            }
            value = ascii::trim(rest.substr(0, end));
            rest.remove_prefix(end);
        }
        file_.sections.back().entries.push_back({std::string(key), std::move(value), line_});
        return inArray ? Result<void>{} : onlyComment(rest);
    }

    Result<void> doubleQuoted(Bytes& rest, std::string& value) {
        for (std::size_t i = 1; i < rest.size(); ++i) {
            if (rest[i] == '"') {
                rest.remove_prefix(i + 1);
                return {};
            }
            if (rest[i] != '\\') {
                value += rest[i];
                continue;
            }
            const char next = ++i < rest.size() ? rest[i] : '\0';
            if (next == 'n')
                value += '\n';
            else if (next == 't')
                value += '\t';
            else if (next == '"' || next == '\\')
                value += next;
            else
                return at(line_, "unknown escape; use \\\\ \\\" \\n \\t, or single quotes");
        }
        return at(line_, "a quote is not closed");
    }

    Result<void> onlyComment(Bytes rest) const {
        rest = ascii::trim(rest);
        if (!rest.empty() && rest.front() != '#')
            return at(line_, "'" + std::string(rest) + "' after the value; quote it as a whole");
        return {};
    }

    static bool isName(Bytes name) {
        return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
            return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-' || c == '_';
        });
    }

    Bytes text_;
    ConfigFile& file_;
    unsigned line_ = 0;
};

} // namespace

const ConfigSection* ConfigFile::section(Bytes name) const noexcept {
    for (const ConfigSection& each : sections) {
        if (each.name == name)
            return &each;
    }
    return nullptr;
}

Result<void> ConfigFile::assignTo(Bytes name, OptionSet& options) const {
    const ConfigSection* found = section(name);
    if (!found)
        return {};
    for (const ConfigEntry& entry : found->entries) {
        const std::string where = path + ":" + std::to_string(entry.line);
        if (auto done = options.assign(OptionSource::file, entry.key, entry.value, where); !done)
            return done;
    }
    return {};
}

Result<ConfigFile> parseConfig(Bytes text, std::string path) {
    ConfigFile file;
    file.path = std::move(path);
    if (text.size() > kMaxConfigBytes)
        return Error(file.path + ": larger than 1 MiB; is this a configuration file?");
    if (auto done = Parser(text, file).run(); !done)
        return std::move(done).error();
    return file;
}

Result<ConfigFile> loadConfig(const std::string& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd)
        return Error::fromErrno(errno, "configuration file " + path);
    std::string text;
    char block[16384];
    while (text.size() <= kMaxConfigBytes) {
        const auto count = ::read(fd.get(), block, sizeof block);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return Error::fromErrno(errno, "configuration file " + path);
        if (count == 0)
            break;
        text.append(block, static_cast<std::size_t>(count));
    }
    return parseConfig(text, path);
}

} // namespace twistdpp
