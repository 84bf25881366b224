// Stands in for libFuzzer where the compiler has none: runs the target on each file of the corpus, then on
// mutations of them. The mutations come from a seed and are the same in every run.
//   <target> CORPUS_DIR [MUTATIONS [SEED]]
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::string;

// A copy of exact size, so that the address sanitizer sees a read past the end.
void run(const Input& input) {
    const std::vector<std::uint8_t> exact(input.begin(), input.end());
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

class Mutator {
public:
    Mutator(const std::vector<Input>& corpus, std::uint64_t seed) : corpus_(corpus), random_(seed) {}

    Input next() {
        Input input = corpus_[below(corpus_.size())];
        for (std::size_t steps = 1 + below(4); steps > 0; --steps)
            mutate(input);
        return input;
    }

private:
    std::size_t below(std::size_t bound) { return random_() % bound; }
    char byte() {
        static constexpr char kTelling[] = {'\0', '\t', '\n', '\r', ' ',  '"', '%',    ',',    '.',   '/',
                                            '0',  ':',  ';',  '=',  '\\', 'f', '\x7f', '\x80', '\xff'};
        return below(2) ? kTelling[below(std::size(kTelling))] : static_cast<char>(random_() & 0xff);
    }
    void mutate(Input& input) {
        const std::size_t at = below(input.size() + 1);
        const std::size_t count = 1 + below(8);
        switch (below(5)) {
        case 0:
            input.insert(at, 1, byte());
            break;
        case 1:
            if (at < input.size())
                input[at] = byte();
            break;
        case 2:
            input.erase(at, count);
            break;
        case 3:
            input.insert(at, input.substr(below(input.size() + 1), count * 4));
            break;
        default: {
            const Input& other = corpus_[below(corpus_.size())];
            input = input.substr(0, at) + other.substr(below(other.size() + 1));
            break;
        }
        }
    }

    const std::vector<Input>& corpus_;
    std::mt19937_64 random_;
};

std::vector<Input> readCorpus(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.is_regular_file())
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<Input> corpus;
    for (const auto& file : files) {
        std::ifstream stream(file, std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
    return corpus;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2 || !std::filesystem::is_directory(argv[1])) {
        std::cerr << "usage: " << argv[0] << " CORPUS_DIR [MUTATIONS [SEED]]: the corpus is missing\n";
        return 2;
    }
    const std::vector<Input> corpus = readCorpus(argv[1]);
    if (corpus.empty()) {
        std::cerr << argv[1] << ": no corpus file\n";
        return 2;
    }
    for (const Input& input : corpus)
        run(input);
    const unsigned long mutations = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 20000;
    Mutator mutator(corpus, argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
    for (unsigned long i = 0; i < mutations; ++i)
        run(mutator.next());
    std::cout << corpus.size() << " files and " << mutations << " mutations of them\n";
    return 0;
}
