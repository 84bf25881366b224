// layers: ftp_server ftp_client
// mutations: 3000
// The first byte says how the rest is cut; the rest is what a client sends who may do anything beneath a
// folder, and after that what a server says to a client. The dialogue goes on or ends, every line is one of
// an answer, and what is beside the folder stays as it is.
#include "support/scratch_folder.h"
#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/ftp_client/control_connection.h"
#include "twistdpp/ftp_server/ftp_server.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace twistdpp;
namespace fs = std::filesystem;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

/// A folder with a secret beside it, for all runs.
class Ground {
public:
    Ground() {
        folder_.write("secret", "untouched");
        renew();
    }
    void renew() const {
        std::error_code none;
        fs::remove_all(root(), none);
        fs::create_directories(root() + "/sub");
        std::ofstream(root() + "/file") << "hello\n";
        fs::create_symlink("../secret", root() + "/out", none);
        fs::create_symlink("..", root() + "/up", none);
    }
    std::string root() const { return folder_.path() + "/root"; }
    void check() const {
        std::string text;
        std::ifstream(folder_.path() + "/secret") >> text;
        require(text == "untouched");
        require(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()) == 2);
    }

private:
    test::ScratchFolder folder_;
};

void server(Bytes input, std::size_t step, const Ground& ground) {
    test::ManualReactor reactor;
    auto options = std::make_shared<ftp::ServerOptions>();
    options->open = [&](const AvatarId*) {
        ftp::Home home;
        home.tree = *files::FileTree::open(ground.root());
        home.writable = true;
        home.quota = 100'000;
        return succeed(std::move(home));
    };
    const auto visitors = std::make_shared<ftp::Visitors>(ftp::VisitorLimits());
    test::StringTransport transport(reactor);
    transport.setHost(Address::loopback(21));
    transport.connect(std::make_unique<ftp::FtpServer>(options, visitors, Logger("ftp")));
    transport.receive("USER ftp\r\nPASS x\r\n");
    for (Bytes rest = input; !rest.empty(); rest.remove_prefix(std::min(step, rest.size())))
        transport.receive(rest.substr(0, step));
    reactor.advance(std::chrono::minutes(5));
    reactor.advance(std::chrono::minutes(20));
    const std::string& said = transport.value();
    require(said.starts_with("220 ") && said.ends_with("\r\n"));
    for (std::size_t at = 0; at < said.size(); at = said.find('\n', at) + 1)
        require(said[at] == ' ' || (said[at] >= '1' && said[at] <= '6'));
    transport.lose();
    ground.check();
}

void client(Bytes input, std::size_t step) {
    test::ManualReactor reactor;
    test::StringTransport transport(reactor);
    const auto control = std::make_shared<ftp::Control>(std::chrono::seconds(60));
    transport.connect(ftp::Control::protocol(control));
    std::size_t replies = 0;
    std::vector<Deferred<void>> asked;
    for (Bytes rest = input; !rest.empty(); rest.remove_prefix(std::min(step, rest.size()))) {
        transport.receive(rest.substr(0, step));
        if (asked.empty() || asked.back().called())
            asked.push_back(control->answer()
                                .addCallback([&](const ftp::Reply& reply) {
                                    ++replies;
                                    require(!reply.lines.empty() && reply.code >= 100 && reply.code < 700);
                                })
                                .addErrback([](const Failure&) {}));
    }
    transport.lose();
    for (const Deferred<void>& each : asked)
        require(each.called());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1 || size > 4096)
        return 0;
    static const Ground ground;
    static unsigned runs = 0;
    const std::size_t step = data[0] == 0 ? size : data[0];
    const Bytes input(reinterpret_cast<const char*>(data) + 1, size - 1);
    // Files cost more than the dialogue; what runs before have left is as good.
    if (runs++ % 100 == 0)
        ground.renew();
    server(input, step, ground);
    client(input, step);
    return 0;
}
