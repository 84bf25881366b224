#include "twistdpp/http/error_page.h"

#include "twistdpp/http/status.h"

namespace twistdpp::http {

std::string escapeHtml(Bytes text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string errorPage(int status, Bytes detail) {
    const std::string title = std::to_string(status) + " " + std::string(reasonPhrase(status));
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\"><title>" +
        title +
        "</title><style>body{font:1rem/1.5 system-ui,sans-serif;margin:15vh auto 0;max-width:32rem;"
        "padding:0 1rem;color:#222;background:#fff}@media(prefers-color-scheme:dark){body{color:#ddd;"
        "background:#181818}}</style></head><body><h1>" +
        title + "</h1>";
    if (!detail.empty())
        page += "<p>" + escapeHtml(detail) + "</p>";
    page += "</body></html>\n";
    return page;
}

} // namespace twistdpp::http
