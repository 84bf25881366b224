#pragma once
#include "twistdpp/http/site.h"

#include <string>

namespace twistdpp::web {

/// Appends one line of the combined log format, without its newline: host, time, request line, status, bytes,
/// Referer and User-Agent, with control bytes and quotes escaped.
void appendCombined(std::string& out, const http::AccessRecord& record);

} // namespace twistdpp::web
