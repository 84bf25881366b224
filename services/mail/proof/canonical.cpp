#include "twistdpp/mail_proof/canonical.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <openssl/evp.h>
#include <stdexcept>

namespace twistdpp::mail {

namespace {

constexpr std::size_t kBlock = 16 * 1024;

bool isSpace(char c) noexcept {
    return c == ' ' || c == '\t';
}

std::string relaxedValue(Bytes value) {
    std::string out;
    bool space = false;
    for (const char c : value) {
        if (c == '\r' || c == '\n')
            continue;
        if (isSpace(c)) {
            space = true;
            continue;
        }
        if (space && !out.empty())
            out += ' ';
        space = false;
        out += c;
    }
    return out;
}

} // namespace

std::string canonicalField(const mime::Field& field, bool relaxed) {
    if (relaxed)
        return ascii::toLower(ascii::trim(field.name)) + ":" + relaxedValue(field.value) + "\r\n";
    // As it stands there, from the name on.
    const Bytes whole(
        field.name.data(),
        static_cast<std::size_t>(field.value.data() + field.value.size() - field.name.data())
    );
    std::string out;
    for (const char c : whole) {
        if (c == '\n')
            out += '\r';
        out += c;
    }
    return out + "\r\n";
}

struct BodyHash::Digest {
    Digest() : context(EVP_MD_CTX_new()) {
        if (!context || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1)
            throw std::runtime_error("no SHA-256");
    }
    Digest(const Digest&) = delete;
    Digest& operator=(const Digest&) = delete;
    ~Digest() { EVP_MD_CTX_free(context); }
    EVP_MD_CTX* context;
};

BodyHash::BodyHash(bool relaxed, std::uint64_t limit)
    : digest_(std::make_unique<Digest>()), relaxed_(relaxed), limit_(limit) {}

BodyHash::~BodyHash() = default;

void BodyHash::put(Bytes data) {
    size_ += data.size();
    const Bytes counted =
        data.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(limit_, data.size())));
    limit_ -= counted.size();
    block_.append(counted);
    if (block_.size() < kBlock)
        return;
    EVP_DigestUpdate(digest_->context, block_.data(), block_.size());
    block_.clear();
}

void BodyHash::endLine() {
    space_ = false;
    if (!line_) {
        ++emptyLines_;
        return;
    }
    put("\r\n");
    line_ = false;
}

void BodyHash::add(Bytes text) {
    while (!text.empty()) {
        if (text.front() == '\n') {
            endLine();
            text.remove_prefix(1);
            continue;
        }
        const std::size_t spaces =
            relaxed_ ? std::min(text.find_first_not_of(" \t"), text.size()) : std::size_t{0};
        if (spaces > 0) {
            space_ = true;
            text.remove_prefix(spaces);
            continue;
        }
        for (; emptyLines_ > 0; --emptyLines_)
            put("\r\n");
        if (space_)
            put(" ");
        space_ = false;
        line_ = true;
        const std::size_t end =
            std::min(text.find_first_of(relaxed_ ? Bytes(" \t\n") : Bytes("\n")), text.size());
        put(text.substr(0, end));
        text.remove_prefix(end);
    }
}

std::string BodyHash::finish() {
    if (line_)
        put("\r\n");
    else if (size_ == 0 && !relaxed_)
        put("\r\n");
    EVP_DigestUpdate(digest_->context, block_.data(), block_.size());
    std::string out(32, '\0');
    unsigned length = 0;
    EVP_DigestFinal_ex(digest_->context, reinterpret_cast<unsigned char*>(out.data()), &length);
    return out;
}

} // namespace twistdpp::mail
