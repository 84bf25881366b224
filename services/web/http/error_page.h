#pragma once
#include "twistdpp/base/bytes.h"

#include <string>

namespace twistdpp::http {

/// A small page that says a status in words; `detail` (plain text, escaped here) is one more sentence.
std::string errorPage(int status, Bytes detail);

/// `text` with the characters that mean something in HTML replaced, fit for content and quoted attributes.
std::string escapeHtml(Bytes text);

} // namespace twistdpp::http
