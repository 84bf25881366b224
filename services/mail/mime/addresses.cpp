#include "twistdpp/mime/addresses.h"

#include <algorithm>
#include <utility>

namespace twistdpp::mime {

namespace {

bool isSpace(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

class Reader {
public:
    explicit Reader(Bytes text) : text_(text) {}

    std::vector<AddressEntry> read() {
        while (at_ < text_.size())
            readToken();
        endEntry();
        if (inGroup_)
            endGroup();
        return std::move(out_);
    }

private:
    void readToken() {
        const char c = text_[at_];
        if (isSpace(c)) {
            ++at_;
            spaced_ = true;
        } else if (c == '(') {
            readComment();
        } else if (c == '"') {
            addWord(readQuoted());
        } else if (c == '[') {
            addWord(readLiteral());
        } else if (c == ',') {
            ++at_;
            angle_&& local_.starts_with('@') ? endRoute() : endEntry();
        } else if (c == ':') {
            ++at_;
            readColon();
        } else if (c == ';') {
            ++at_;
            endEntry();
            if (inGroup_)
                endGroup();
        } else if (c == '<') {
            ++at_;
            angle_ = true;
            name_ = std::move(phrase_);
            phrase_.clear();
            local_.clear();
            domain_.clear();
            atSign_ = false;
        } else if (c == '>') {
            ++at_;
            closed_ = angle_;
        } else {
            readAtom();
        }
    }

    void readAtom() {
        const std::size_t end = std::min(text_.find_first_of(" \t\r\n(\"[,:;<>", at_), text_.size());
        Bytes atom = text_.substr(at_, end - at_);
        at_ = end;
        const bool address = !closed_;
        addPhrase(atom);
        if (!address)
            return;
        // "@" parts; further ones belong to what stands behind it, as something has to be wrong then anyway.
        if (const std::size_t sign = atSign_ ? Bytes::npos : atom.rfind('@');
            sign != Bytes::npos && !(sign == 0 && local_.empty())) {
            local_ += atom.substr(0, sign);
            domain_ += atom.substr(sign + 1);
            atSign_ = true;
        } else {
            (atSign_ ? domain_ : local_) += atom;
        }
    }

    void addWord(const std::string& word) {
        addPhrase(word);
        if (!closed_)
            (atSign_ ? domain_ : local_) += word;
    }

    void addPhrase(Bytes word) {
        if (angle_)
            return;
        if (spaced_ && !phrase_.empty())
            phrase_ += ' ';
        phrase_ += word;
        spaced_ = false;
    }

    std::string readQuoted() {
        std::string out;
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size())
                ++at_;
            if (text_[at_] != '\r' && text_[at_] != '\n')
                out += text_[at_];
        }
        at_ = std::min(at_ + 1, text_.size());
        return out;
    }

    std::string readLiteral() {
        const std::size_t end = std::min(text_.find(']', at_), text_.size() - 1);
        std::string out(text_.substr(at_, end + 1 - at_));
        std::erase_if(out, isSpace);
        at_ = end + 1;
        return out;
    }

    void readComment() {
        std::string out;
        std::size_t depth = 0;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '\\' && at_ + 1 < text_.size()) {
                out += text_[++at_];
                continue;
            }
            depth += c == '(' ? 1U : 0U;
            if (c == ')' && --depth == 0)
                break;
            if (c != '\r' && c != '\n' && !(c == '(' && depth == 1))
                out += c;
        }
        at_ = std::min(at_ + 1, text_.size());
        spaced_ = true;
        comment_ = std::move(out);
    }

    void readColon() {
        if (angle_) {
            endRoute();
        } else if (!inGroup_) {
            inGroup_ = true;
            AddressEntry entry;
            entry.kind = AddressEntry::Kind::groupBegins;
            entry.name = std::move(phrase_);
            out_.push_back(std::move(entry));
            clear();
        } else {
            addWord(":");
        }
    }

    /// "@a,@b:" before an address.
    void endRoute() {
        if (!route_.empty())
            route_ += ',';
        route_ += local_;
        if (atSign_)
            route_.append("@").append(domain_);
        local_.clear();
        domain_.clear();
        atSign_ = false;
    }

    void endEntry() {
        if (angle_ || !local_.empty() || !domain_.empty()) {
            AddressEntry entry;
            entry.name = angle_ ? std::move(name_) : std::move(comment_);
            if (entry.name.empty())
                entry.name = std::move(comment_);
            entry.route = std::move(route_);
            entry.local = std::move(local_);
            entry.domain = std::move(domain_);
            out_.push_back(std::move(entry));
        }
        clear();
    }

    void endGroup() {
        AddressEntry entry;
        entry.kind = AddressEntry::Kind::groupEnds;
        out_.push_back(std::move(entry));
        inGroup_ = false;
    }

    void clear() {
        for (std::string* each : {&phrase_, &name_, &comment_, &route_, &local_, &domain_})
            each->clear();
        angle_ = closed_ = atSign_ = spaced_ = false;
    }

    Bytes text_;
    std::size_t at_ = 0;
    std::vector<AddressEntry> out_;
    // Of the present entry:
    std::string phrase_, name_, comment_, route_, local_, domain_;
    bool angle_ = false;  // '<' was there
    bool closed_ = false; // and '>'
    bool atSign_ = false;
    bool spaced_ = false;
    bool inGroup_ = false;
};

} // namespace

std::vector<AddressEntry> parseAddresses(Bytes text) {
    return Reader(text).read();
}

} // namespace twistdpp::mime
