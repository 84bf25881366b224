// layers: uv http tls
// The Deferred of the introductory talk: a page is fetched, translated and displayed. When it is unavailable
// that is said instead, and in either case things are cleaned up.
//     getpage URL [CA.pem]        CA.pem: whom to trust for https, in place of the system's authorities
//
// What it would be if waiting did no harm:
//
//     try { page = getPage(url); }
//     catch (...) { unavailable(); }
//     else { display(translate(page)); }
//     finally { cleanup(); }
#include "program.h"
#include "twistdpp/base/ascii.h"
#include "twistdpp/http/agent.h"
#include "twistdpp/tls/tls_context.h"

using namespace twistdpp;

namespace {

/// Into a louder language.
std::string translate(std::string page) {
    for (char& c : page)
        c = ascii::upper(c);
    return page;
}

/// Giving the failure back means that display() is left out.
Failure unavailable(const Failure& why) {
    std::fprintf(stderr, "unavailable: %s\n", why.message().c_str());
    return why;
}

void display(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

http::AgentOptions withTls(const std::string& authorities) {
    ClientTlsOptions options;
    if (!authorities.empty())
        options = ClientTlsOptions(Pem::file(authorities));
    auto context = TlsContext::forClient(options);
    if (!context)
        throw std::runtime_error(context.error().message());
    return http::AgentOptions(*std::move(context));
}

} // namespace

int main(int argc, char** argv) try {
    Program program(argc, argv);
    if (argc < 2)
        throw std::runtime_error("usage: getpage URL [CA.pem]");
    const auto cleanup = [&](Outcome<void> outcome) { program.stop(outcome.ok() ? 0 : 1); };

    http::getPage(program.reactor(), argv[1], withTls(program.argument(2, "")))
        .addCallbacks(translate, unavailable)
        .addCallback(display)
        .addBoth(cleanup)
        .detach();
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
