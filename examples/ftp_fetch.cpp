// layers: uv ftp_client tls
// Lists a folder, fetches a file, or puts one there that holds its last argument and looks what came of it.
//     PASSWORD=secret ftp_fetch PORT USER list PATH
//     PASSWORD=secret ftp_fetch PORT USER get PATH
//     PASSWORD=secret ftp_fetch PORT USER put PATH TEXT
// With ACTIVE=1 the server connects to us for data; with CA=FILE all of it is encrypted, for a server whose
// certificate these authorities have signed.
#include "program.h"
#include "twistdpp/ftp_client/ftp_client.h"
#include "twistdpp/tls/tls_context.h"

#include <cstdlib>

using namespace twistdpp;

namespace {

std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value ? value : "";
}

ftp::FTPClientOptions optionsOf(const Program& program) {
    ftp::FTPClientOptions options;
    options.user = program.argument(2, "anonymous");
    options.password = variable("PASSWORD");
    options.passive = variable("ACTIVE").empty();
    if (const std::string authorities = variable("CA"); !authorities.empty()) {
        auto tls = TlsContext::forClient(ClientTlsOptions(Pem::file(authorities)));
        if (!tls)
            throw std::runtime_error(tls.error().message());
        options.tls = *std::move(tls);
    }
    return options;
}

Deferred<void> work(Program& program) {
    auto connecting =
        ftp::FTPClient::connect(program.reactor(), "localhost", program.port(1, 2121), optionsOf(program));
    ftp::FTPClient client = co_await std::move(connecting);
    const std::string what = program.argument(3, "list");
    const std::string path = program.argument(4, "");
    if (what == "get") {
        const std::string content = co_await client.retrieve(path);
        std::fwrite(content.data(), 1, content.size(), stdout);
    } else if (what == "put") {
        co_await client.store(path, program.argument(5, ""));
        const std::string content = co_await client.retrieve(path);
        std::printf("%zu bytes are there\n", content.size());
    } else {
        for (const ftp::ListedFile& each : co_await client.list(path)) {
            const bool folder = each.kind == files::FileInfo::Kind::folder;
            std::printf(
                "%s%s %llu\n", each.name.c_str(), folder ? "/" : "",
                static_cast<unsigned long long>(each.size.value_or(0))
            );
        }
    }
    co_await client.quit();
}

} // namespace

int main(int argc, char** argv) try {
    Program program(argc, argv);
    work(program)
        .addBoth([&](const Outcome<void>& end) {
            if (!end.ok())
                std::fprintf(stderr, "not done: %s\n", end.failure().message().c_str());
            program.stop(end.ok() ? 0 : 1);
        })
        .detach();
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
