#pragma once
#include "twistdpp/http/resource.h"
#include "twistdpp/mail_sink/catching_handler.h"

#include "twistdpp/reactor/looping_call.h"

#include <memory>
#include <set>

namespace twistdpp::mail {

/// The sink's page, and what it and programs ask for:
///
///     GET    /api/messages?search=WORDS&start=0&limit=100   newest first, in JSON
///     DELETE /api/messages                                  all, or with ?search=WORDS those that match
///     GET    /api/messages/ID                               one, in JSON
///     DELETE /api/messages/ID
///     GET    /api/messages/ID/source                        as it was sent
///     GET    /api/messages/ID/html                          its HTML, that may do nothing and load nothing
///     GET    /api/messages/ID/parts/N                       an attachment, N from 0
///     GET    /api/events                                    "data: changed" after each change (EventSource)
///     GET    /api/faults                                    the rules, a line each
///     PUT    /api/faults                                    others in their place
///
/// "latest" is the ID of the newest. Belongs to one reactor.
class CatcherSite final : public http::Resource {
public:
    /// `hostname`: a name by which the page may be asked for, besides those that no stranger can own:
    /// addresses and names without a dot.
    CatcherSite(std::shared_ptr<Sink> sink, std::string hostname);

    bool isLeaf() const noexcept override { return true; }
    void render(const http::RequestPtr& request) override;
    /// Ends what would last for ever.
    void close();

private:
    void messages(const http::RequestPtr& request);
    void message(const http::RequestPtr& request, const CaughtMailPtr& mail, Bytes what);
    void events(const http::RequestPtr& request);
    void faults(const http::RequestPtr& request);
    void tellAll(Bytes text);

    std::shared_ptr<Sink> sink_;
    std::string hostname_;
    std::set<http::RequestPtr> listeners_;
    std::shared_ptr<void> watch_;
    LoopingCall pulse_;
    bool closed_ = false;
};

} // namespace twistdpp::mail
