#pragma once
#include "twistdpp/app/option_set.h"

namespace twistdpp {

/// The options of a set as a table for a terminal: names on the left, wrapped help on the right, by groups in
/// the order of their first option, then the notes and the examples. `width` is in columns.
std::string formatOptions(const OptionSet& options, std::size_t width = 80);

/// `text` wrapped at `width` columns; the lines after the first start with `indent` spaces.
std::string wrapped(Bytes text, std::size_t indent, std::size_t width);

} // namespace twistdpp
