// layers: uv tls
// The echo server under TLS. Without a certificate it makes one for "localhost" that nobody has signed.
//     tls_echo [PORT [CERTIFICATE.pem [KEY.pem]]]
//     openssl s_client -quiet -connect localhost:8000
#include "program.h"
#include "twistdpp/tls/self_signed.h"
#include "twistdpp/tls/tls_context.h"

using namespace twistdpp;

class Echo : public Protocol {
    void dataReceived(Bytes data) override { transport().write(data); }
};

namespace {

TlsIdentity identity(const std::string& certificate, const std::string& key) {
    if (!certificate.empty())
        return TlsIdentity::files(certificate, key);
    const auto made = makeSelfSigned({"localhost", "127.0.0.1"});
    if (!made)
        throw std::runtime_error(made.error().message());
    return made->identity();
}

} // namespace

int main(int argc, char** argv) try {
    Program program(argc, argv);
    const ServerTlsOptions options(identity(program.argument(2, ""), program.argument(3, "")));
    const auto context = TlsContext::forServer(options);
    if (!context)
        throw std::runtime_error(context.error().message());

    const auto port =
        program.reactor().listenSSL(program.port(1, 8000), makeFactory<Echo>(), *context, "127.0.0.1");
    program.ready("tls echo", port->address());
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
