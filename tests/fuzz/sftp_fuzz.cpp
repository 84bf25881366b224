// layers: sftp
// mutations: 1000
// What a client sends, packet by packet: each has one whole answer, and nothing outside of the folder
// changes.
#include "support/scratch_folder.h"
#include "twistdpp/sftp/session.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace twistdpp;
using namespace twistdpp::sftp;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

/// A folder, and a file beside it that is to stay as it is.
struct World {
    std::shared_ptr<const files::FileTree> fresh() const {
        std::filesystem::remove_all(top + "/root");
        std::filesystem::create_directories(top + "/root/a");
        std::ofstream(top + "/root/f") << "content";
        std::ofstream(top + "/beside") << "mine";
        return *files::FileTree::open(top + "/root");
    }
    bool kept() const {
        std::ifstream file(top + "/beside");
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        const auto entries = std::filesystem::directory_iterator(top);
        return text == "mine" && std::distance(begin(entries), end(entries)) == 2;
    }
    test::ScratchFolder folder;
    std::string top = folder.path();
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const World world;
    WireReader input(Bytes(reinterpret_cast<const char*>(data), size));
    Session session(world.fresh());
    std::string out;
    require(session.answer(std::string("\x01\0\0\0\x03", 5), out));
    while (!input.rest().empty()) {
        const Bytes packet = input.string();
        out.clear();
        if (!input.good() || !session.answer(packet, out))
            break;
        WireReader answer(out);
        WireReader whole(answer.string());
        require(answer.good() && answer.rest().empty());
        whole.byte();
        require(whole.number() == WireReader(packet.substr(1)).number() && whole.good());
    }
    require(world.kept());
    return 0;
}
