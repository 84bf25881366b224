#pragma once
#include "twistdpp/files/file_tree.h"
#include "twistdpp/sftp/wire.h"

#include <cstdint>
#include <optional>

namespace twistdpp::sftp {

/// ATTRS of section 5 of the draft: what is not said is not there.
struct Attributes {
    struct Owner {
        std::uint32_t user = 0, group = 0;
    };
    struct Times {
        std::uint32_t accessed = 0, modified = 0; // seconds of Unix
    };
    std::optional<std::uint64_t> size;
    std::optional<Owner> owner;
    std::optional<std::uint32_t> permissions; // with the bits of the kind of file
    std::optional<Times> times;

    static Attributes of(const files::FileInfo& info);
    /// Extended attributes, which nobody sends, are passed over.
    static Attributes read(WireReader& from);
    void write(WireWriter& to) const;
};

} // namespace twistdpp::sftp
