#include "twistdpp/service_web/static/demo_page.h"

#include "twistdpp/http/error_page.h"

namespace twistdpp::web {

void DemoPage::renderGet(const http::RequestPtr& request) {
    const std::string who = http::escapeHtml(request->peer().host());
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\"><title>twistdpp web</title><style>body{font:1.05rem/1.6 "
        "system-ui,sans-serif;margin:12vh auto 0;max-width:38rem;padding:0 "
        "1rem;color:#1d2329;background:#fff}"
        "code,pre{font:0.95em ui-monospace,monospace;background:#f3f6f9;padding:.1em .35em;border-radius:4px}"
        "pre{padding:.8rem "
        "1rem;overflow:auto}@media(prefers-color-scheme:dark){body{color:#dfe3e7;background:#16191d}"
        "code,pre{background:#1f2429}}</style></head><body><h1>twistdpp web works</h1>"
        "<p>This server was given nothing to serve, so it shows this page. To serve a folder:</p>"
        "<pre>twistdpp web --port tcp:8080 --path .</pre>"
        "<p>You come from <code>" +
        who + "</code>. <code>twistdpp web --help</code> lists the rest.</p></body></html>\n";
    request->responseHeaders().set("Content-Type", "text/html; charset=utf-8");
    request->respond(page);
}

} // namespace twistdpp::web
