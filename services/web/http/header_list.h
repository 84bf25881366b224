#pragma once
#include "twistdpp/http/known_header.h"

#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::http {

/// Header fields that we own and send: of a response, or of a request of our client. Names keep the case they
/// were given and are compared without it. Nothing gets in that could break out of its line: whatever a name
/// or value was made from (a file name, a query, a CGI script's output), the message has the lines that the
/// code meant it to have.
class HeaderList {
public:
    struct Field {
        std::string name;
        std::string value;
    };

    /// Adds a field at the end. False, and nothing is added, when the name is no token or the value holds CR,
    /// LF, NUL, another control byte, or white space at an end.
    bool add(Bytes name, Bytes value);
    /// Puts one field in the place of all of that name (of the first, or at the end). False as above; then
    /// nothing has changed.
    bool set(Bytes name, Bytes value);
    bool set(KnownHeader header, Bytes value) { return set(headerName(header), value); }
    /// As set(), but leaves a field of that name as it is: for defaults.
    bool setIfMissing(Bytes name, Bytes value);
    /// How many fields it took away.
    std::size_t remove(Bytes name);
    void clear() noexcept { fields_.clear(); }

    /// The value of the first field of that name.
    std::optional<Bytes> get(Bytes name) const noexcept;
    bool has(Bytes name) const noexcept { return get(name).has_value(); }

    std::size_t size() const noexcept { return fields_.size(); }
    bool empty() const noexcept { return fields_.empty(); }
    auto begin() const noexcept { return fields_.begin(); }
    auto end() const noexcept { return fields_.end(); }

    /// Appends "Name: value" CR LF for each field; not the blank line.
    void appendTo(std::string& out) const;

private:
    std::vector<Field> fields_;
};

} // namespace twistdpp::http
