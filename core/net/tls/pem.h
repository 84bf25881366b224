#pragma once
#include "twistdpp/base/result.h"

#include <string>
#include <string_view>
#include <utility>

namespace twistdpp {

/// Where certificates or a private key in PEM form (RFC 7468) come from: a file, or text that is at hand. A
/// value; nothing is read before read().
class Pem {
public:
    Pem() = default;
    static Pem file(std::string path) { return Pem(std::move(path), true); }
    static Pem text(std::string text) { return Pem(std::move(text), false); }

    bool empty() const noexcept { return content_.empty(); }
    bool isFile() const noexcept { return isFile_; }
    /// The file's path; empty for text.
    std::string_view path() const noexcept {
        return isFile_ ? std::string_view(content_) : std::string_view();
    }
    /// How a message names it: `the certificate file 'a.pem'`, or `the certificate` for text.
    std::string describe(std::string_view what) const;
    /// The text. The error names the file and what is wrong with it; at most 8 MiB are read.
    Result<std::string> read(std::string_view what) const;

private:
    Pem(std::string content, bool isFile) : content_(std::move(content)), isFile_(isFile) {}

    std::string content_;
    bool isFile_ = false;
};

} // namespace twistdpp
