#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace twistdpp::http {

/// Which Content-Type a file gets, by the extension of its name. It knows the types that the web is made of
/// and may be told more, as from /etc/mime.types. Built at start-up and then only read, so reactors may share
/// one.
class MediaTypes {
public:
    /// `fallback` is the type of a file with another extension or none; one that says nothing about the
    /// content, as calling an upload text/html would let it run scripts.
    explicit MediaTypes(Bytes fallback = "application/octet-stream");

    /// Whether `text` is of the form "a/b" with any parameters (RFC 9110 8.3.1), and can be sent.
    static bool isMediaType(Bytes text) noexcept;

    /// The Content-Type for a file name or path: in any case of letters, with "; charset=utf-8" for text
    /// types. Borrowed from this object.
    Bytes typeOf(Bytes fileName) const;

    /// Sets the type of an extension (without its dot), which wins over what is known. False, and nothing
    /// changes, when the extension is empty or holds a '/', or the type is not of the form "a/b" with any
    /// parameters.
    bool set(Bytes extension, Bytes type);

    /// Reads the text of a mime.types file: lines of a type and its extensions, '#' before a comment. Lines
    /// that are none are skipped. An extension that is already known keeps its type when `keepKnown`. Returns
    /// how many extensions it has set.
    std::size_t addMimeTypes(Bytes text, bool keepKnown = true);

private:
    struct Place {
        std::uint32_t at;
        std::uint32_t size;
    };
    struct Added {
        Place extension;
        Place type;
    };

    Bytes at(Place place) const noexcept { return Bytes(text_).substr(place.at, place.size); }
    Place keep(Bytes text);
    void sortAdded(bool firstWins);

    std::string fallback_;
    // A system knows more than a thousand: all of their text in one block, read at each start.
    std::string text_;
    std::vector<Added> added_; // by extension, each once
};

} // namespace twistdpp::http
