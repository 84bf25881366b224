#include "twistdpp/mail_sink/catcher_site.h"

#include "twistdpp/mail_sink/message_json.h"
#include "twistdpp/mail_sink/page.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/http/target.h"

#include <algorithm>

namespace twistdpp::mail {

namespace {

using http::KnownHeader;
using http::Method;
using http::RequestPtr;

constexpr std::size_t kMostFaults = 64 * 1024; // bytes of rules
constexpr std::size_t kMostListeners = 1000;
constexpr Duration kPulse = std::chrono::seconds(15); // keeps what is between from closing a quiet connection

/// Where a stranger's HTML or attachment is shown it runs nothing, loads nothing, and is nobody.
constexpr Bytes kHarmless =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; sandbox";
constexpr Bytes kOurs =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

void send(const RequestPtr& request, Bytes type, Bytes body, Bytes policy = kHarmless) {
    auto& headers = request->responseHeaders();
    headers.set("Content-Type", type);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Content-Security-Policy", policy);
    headers.set("Cache-Control", "no-store");
    request->respond(body);
}

/// In one line, for programs and for those who look at them.
void refuse(const RequestPtr& request, int status, const std::string& why) {
    request->setResponseCode(status);
    send(request, "text/plain; charset=utf-8", why + "\n");
}

void notAllowed(const RequestPtr& request, Bytes allowed) {
    request->responseHeaders().set(KnownHeader::allow, allowed);
    refuse(request, 405, "this can be asked for with " + std::string(allowed));
}

bool reads(const RequestPtr& request) {
    return request->method() == Method::get || request->method() == Method::head;
}

/// Whether it can be us whom a browser means. A page of a stranger may have its own name lead to this
/// machine, and would then be let at the mails by the browser ("DNS rebinding"): a name of ours is one that
/// nobody can register.
bool isOurs(Bytes authority, Bytes hostname) {
    const auto parsed = http::parseAuthority(authority);
    if (!parsed)
        return true; // HTTP/1.0, which no browser speaks
    const Bytes host = parsed->host;
    const bool address = host.starts_with('[') || host.find_first_not_of("0123456789.") == Bytes::npos;
    return address || host.find('.') == Bytes::npos || host.ends_with(".localhost") ||
           ascii::equalsIgnoreCase(host, hostname);
}

/// A parameter of the request's query.
std::string parameter(const RequestPtr& request, Bytes name) {
    return http::formValue(request->head().splitTarget().query, name).value_or(std::string());
}

std::size_t number(const RequestPtr& request, Bytes name, std::size_t usual) {
    return parseUnsigned<std::size_t>(parameter(request, name)).value_or(usual);
}

/// For Content-Disposition (RFC 6266): the name in UTF-8, with what is no letter or digit encoded.
std::string disposition(const mime::Part& part) {
    const std::string name = part.fileName();
    return "attachment; filename*=UTF-8''" + http::encodeSegment(name.empty() ? "attachment" : name);
}

} // namespace

CatcherSite::CatcherSite(std::shared_ptr<Sink> sink, std::string hostname)
    : sink_(std::move(sink)), hostname_(std::move(hostname)),
      watch_(sink_->mails.watch([this] { tellAll("data: changed\n\n"); })),
      pulse_(sink_->reactor, [this] { tellAll(":\n\n"); }) {
    pulse_.start(kPulse, false).detach();
}

void CatcherSite::render(const RequestPtr& request) {
    if (!request->decodePath())
        return;
    if (!isOurs(request->head().authority(), hostname_))
        return refuse(
            request, 403,
            "this server has another name; --hostname says which, and its address is always good"
        );
    const std::string path = request->path();
    if (path == "/" || path == "/page.js" || path == "/page.css") {
        if (!reads(request))
            return notAllowed(request, "GET, HEAD");
        if (path == "/page.js")
            return send(request, "text/javascript; charset=utf-8", pageScript(), kOurs);
        if (path == "/page.css")
            return send(request, "text/css; charset=utf-8", pageStyle(), kOurs);
        return send(request, "text/html; charset=utf-8", pageHtml(), kOurs);
    }
    Bytes rest = path;
    if (!rest.starts_with("/api/"))
        return refuse(request, 404, "there is nothing of that name");
    rest.remove_prefix(5);
    const Bytes kind = ascii::cut(rest, '/');
    if (kind == "events" && rest.empty())
        return events(request);
    if (kind == "faults" && rest.empty())
        return faults(request);
    if (kind != "messages")
        return refuse(request, 404, "there is nothing of that name");
    const Bytes id = ascii::cut(rest, '/');
    if (id.empty())
        return messages(request);
    const auto& all = sink_->mails.all();
    CaughtMailPtr mail;
    if (id == "latest")
        mail = all.empty() ? nullptr : all.back();
    else if (const auto wanted = parseUnsigned<std::uint64_t>(id))
        mail = sink_->mails.find(*wanted);
    if (!mail)
        return refuse(request, 404, "there is no such message, or it was deleted");
    message(request, mail, rest);
}

void CatcherSite::messages(const RequestPtr& request) {
    const std::string search = parameter(request, "search");
    if (request->method() == Method::remove) {
        std::vector<std::uint64_t> gone;
        for (const CaughtMailPtr& mail : sink_->mails.all()) {
            if (!search.empty() && mail->matches(search))
                gone.push_back(mail->id);
        }
        for (const std::uint64_t id : gone)
            sink_->mails.remove(id);
        if (search.empty())
            sink_->mails.clear();
        request->setResponseCode(204);
        return request->respond({});
    }
    if (!reads(request))
        return notAllowed(request, "GET, HEAD, DELETE");
    const std::size_t start = number(request, "start", 0);
    const std::size_t limit = number(request, "limit", 100);
    std::string list;
    std::size_t count = 0;
    const auto& all = sink_->mails.all();
    for (auto mail = all.rbegin(); mail != all.rend(); ++mail) {
        if (!(*mail)->matches(search))
            continue;
        if (count >= start && count - start < limit) {
            list += list.empty() ? "" : ",";
            appendSummary(list, **mail);
        }
        ++count;
    }
    send(
        request, "application/json",
        "{\"total\":" + std::to_string(all.size()) + ",\"found\":" + std::to_string(count) +
            ",\"messages\":[" + list + "]}"
    );
}

void CatcherSite::message(const RequestPtr& request, const CaughtMailPtr& mail, Bytes what) {
    if (what.empty() && request->method() == Method::remove) {
        sink_->mails.remove(mail->id);
        request->setResponseCode(204);
        return request->respond({});
    }
    if (!reads(request))
        return notAllowed(request, what.empty() ? "GET, HEAD, DELETE" : "GET, HEAD");
    if (what.empty())
        return send(request, "application/json", messageJson(*mail));
    if (what == "source")
        return send(request, "text/plain; charset=utf-8", mail->message);
    const mime::Part parsed = mime::parseMessage(mail->message);
    const mime::Overview overview = mime::overviewOf(parsed);
    if (what == "html" && overview.html)
        return send(request, "text/html; charset=utf-8", selfContained(overview.html->text(), parsed));
    if (ascii::cut(what, '/') == "parts") {
        const auto index = parseUnsigned<std::size_t>(what);
        if (index && *index < overview.attachments.size()) {
            const mime::Part& part = *overview.attachments[*index];
            request->responseHeaders().set("Content-Disposition", disposition(part));
            return send(request, "application/octet-stream", part.content());
        }
    }
    refuse(request, 404, "the message has no such part");
}

void CatcherSite::faults(const RequestPtr& request) {
    if (request->method() == Method::put) {
        request->keepHead();
        return request->body(kMostFaults)
            .addCallback([this, request](const std::string& text) {
                std::vector<Fault> rules;
                for (Bytes rest = text; !rest.empty();) {
                    const Bytes line = ascii::trim(ascii::cut(rest, '\n'), " \t\r");
                    if (line.empty())
                        continue;
                    auto rule = Fault::parse(line);
                    if (!rule)
                        return refuse(request, 400, std::string(line) + ": " + rule.error().message());
                    rules.push_back(*std::move(rule));
                }
                sink_->faults.set(std::move(rules));
                request->setResponseCode(204);
                request->respond({});
            })
            .addErrback([request](const Failure& why) {
                if (why.check<http::BodyTooLarge>())
                    refuse(request, 413, "these are too many rules");
            })
            .detach();
    }
    if (!reads(request))
        return notAllowed(request, "GET, HEAD, PUT");
    std::string lines;
    for (const Fault& fault : sink_->faults.all())
        lines += fault.text + "\n";
    send(request, "text/plain; charset=utf-8", lines);
}

void CatcherSite::events(const RequestPtr& request) {
    if (request->method() != Method::get)
        return notAllowed(request, "GET");
    if (closed_ || listeners_.size() >= kMostListeners)
        return refuse(request, 503, "too many look already");
    request->keepHead();
    request->responseHeaders().set("Content-Type", "text/event-stream");
    request->responseHeaders().set("Cache-Control", "no-store");
    listeners_.insert(request);
    request->finished().addBoth([this, request](const Outcome<void>&) { listeners_.erase(request); }
    ).detach();
    request->begin();
    request->write(Bytes("data: changed\n\n"));
}

void CatcherSite::tellAll(Bytes text) {
    const auto all = listeners_;
    for (const RequestPtr& request : all)
        request->write(text);
}

void CatcherSite::close() {
    closed_ = true;
    const auto all = listeners_;
    for (const RequestPtr& request : all)
        request->finish();
}

} // namespace twistdpp::mail
