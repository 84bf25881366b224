#pragma once
#include "twistdpp/base/unique_fd.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp {

/// Names of the functions of this process, read from the symbol tables of its own files (not only the
/// exported names). The files are opened at construction, so that they are at hand in a chroot as well; what
/// is loaded later has no names.
class SymbolTable {
public:
    SymbolTable();
    ~SymbolTable();

    /// "twistdpp::Echo::dataReceived(...)", or "[libc.so.6]" where the file does not tell.
    std::string name(std::uintptr_t address);
    /// Where the code of the program and its plugins lies, which keep frame pointers; the system's libraries
    /// do not.
    std::vector<std::pair<std::uintptr_t, std::uintptr_t>> ownCode() const;

private:
    struct Symbol {
        std::uint64_t start, size;
        std::string name;
    };
    struct Module {
        std::string file;
        std::uintptr_t base = 0;
        std::vector<std::pair<std::uintptr_t, std::uintptr_t>> ranges;
        UniqueFd fd;
        bool read = false;
        std::vector<Symbol> symbols;
    };

    static void readSymbols(Module& module);

    std::vector<Module> modules_;
};

} // namespace twistdpp
