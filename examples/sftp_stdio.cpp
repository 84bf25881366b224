// layers: uv endpoints sftp
// A server of SFTP on its standard input and output, for a client that starts it:
//     sftp -D 'sftp_stdio FOLDER'
// Nothing outside of the folder can be reached. With READONLY=1 nothing can be changed.
#include "program.h"
#include "twistdpp/endpoints/server_endpoint.h"
#include "twistdpp/sftp/sftp_protocol.h"

#include <cstdlib>

using namespace twistdpp;

namespace {

/// The program ends with the one connection that there is.
class Sessions final : public Factory {
public:
    Sessions(Program& program, std::shared_ptr<const files::FileTree> tree)
        : program_(program), tree_(std::move(tree)) {}
    std::unique_ptr<Protocol> buildProtocol(const Address&) override {
        sftp::SessionOptions options;
        options.writable = std::getenv("READONLY") == nullptr;
        // The endpoint lets go of its factory once it has the protocol.
        return std::make_unique<sftp::SftpProtocol>(tree_, options, [&program = program_] {
            program.stop();
        });
    }

private:
    Program& program_;
    std::shared_ptr<const files::FileTree> tree_;
};

} // namespace

int main(int argc, char** argv) try {
    Program program(argc, argv);
    auto tree = files::FileTree::open(program.argument(1, "."));
    if (!tree)
        throw std::runtime_error(tree.error().message());
    auto endpoint = serverFromString(program.reactor(), "stdio:");
    if (!endpoint)
        throw std::runtime_error(endpoint.error().message());
    std::unique_ptr<Port> port;
    (*endpoint)
        ->listen(std::make_shared<Sessions>(program, *tree))
        .addCallbacks(
            [&](std::unique_ptr<Port> made) { port = std::move(made); },
            [&](const Failure& why) {
                std::fprintf(stderr, "%s\n", why.message().c_str());
                program.stop(1);
            }
        )
        .detach();
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
