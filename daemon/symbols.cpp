#include "twistdpp/daemon/symbols.h"

#include <algorithm>
#include <cstdlib>
#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <span>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>

namespace twistdpp {

namespace {

std::string demangled(const char* symbol) {
    int status = 0;
    char* name = abi::__cxa_demangle(symbol, nullptr, nullptr, &status);
    std::string text = status == 0 && name ? name : symbol;
    std::free(name);
    // The folded format separates frames with it.
    std::replace(text.begin(), text.end(), ';', ':');
    return text;
}

/// An ELF file in memory, read with its bounds checked: the file may be anything by now.
class Elf {
public:
    explicit Elf(int fd) {
        struct stat status {};
        if (::fstat(fd, &status) != 0 || status.st_size <= 0)
            return;
        size_ = static_cast<std::size_t>(status.st_size);
        void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
        if (mapped != MAP_FAILED)
            data_ = static_cast<const char*>(mapped);
    }
    ~Elf() {
        if (data_)
            ::munmap(const_cast<char*>(data_), size_);
    }
    Elf(const Elf&) = delete;
    Elf& operator=(const Elf&) = delete;

    template <class T>
    std::span<const T> at(std::uint64_t offset, std::uint64_t count) const {
        if (!data_ || offset > size_ || offset % alignof(T) != 0 || count > (size_ - offset) / sizeof(T))
            return {};
        return {reinterpret_cast<const T*>(data_ + offset), static_cast<std::size_t>(count)};
    }

private:
    const char* data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace

SymbolTable::SymbolTable() {
    ::dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* to) {
            auto& modules = *static_cast<std::vector<Module>*>(to);
            Module& module = modules.emplace_back();
            const std::string_view path = info->dlpi_name ? info->dlpi_name : "";
            const bool executable = modules.size() == 1;
            module.file = executable ? "twistdpp" : std::string(path.substr(path.rfind('/') + 1));
            module.base = info->dlpi_addr;
            for (int i = 0; i < info->dlpi_phnum; ++i) {
                const auto& header = info->dlpi_phdr[i];
                if (header.p_type == PT_LOAD && (header.p_flags & PF_X))
                    module.ranges.emplace_back(
                        module.base + header.p_vaddr, module.base + header.p_vaddr + header.p_memsz
                    );
            }
            const std::string open = executable ? "/proc/self/exe" : std::string(path);
            if (open.starts_with('/'))
                module.fd.reset(::open(open.c_str(), O_RDONLY | O_CLOEXEC));
            return 0;
        },
        &modules_
    );
}

SymbolTable::~SymbolTable() = default;

std::vector<std::pair<std::uintptr_t, std::uintptr_t>> SymbolTable::ownCode() const {
    std::vector<std::pair<std::uintptr_t, std::uintptr_t>> code;
    for (const Module& module : modules_) {
        const bool system = module.file.starts_with("lib") || module.file.starts_with("ld-linux") ||
                            module.file.starts_with("linux-vdso");
        if (!system)
            code.insert(code.end(), module.ranges.begin(), module.ranges.end());
    }
    return code;
}

void SymbolTable::readSymbols(Module& module) {
    module.read = true;
    if (!module.fd)
        return;
    const Elf elf(module.fd.get());
    const auto header = elf.at<ElfW(Ehdr)>(0, 1);
    if (header.empty() || std::string_view(reinterpret_cast<const char*>(header[0].e_ident), 4) != "\177ELF")
        return;
    const auto sections = elf.at<ElfW(Shdr)>(header[0].e_shoff, header[0].e_shnum);
    const ElfW(Shdr)* table = nullptr;
    for (const auto& section : sections) {
        if (section.sh_type == SHT_SYMTAB || (section.sh_type == SHT_DYNSYM && !table))
            table = &section;
    }
    if (!table || table->sh_link >= sections.size())
        return;
    const auto& names = sections[table->sh_link];
    const auto text = elf.at<char>(names.sh_offset, names.sh_size);
    for (const auto& symbol : elf.at<ElfW(Sym)>(table->sh_offset, table->sh_size / sizeof(ElfW(Sym)))) {
        if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_size == 0 || symbol.st_name >= text.size())
            continue;
        const auto rest = text.subspan(symbol.st_name);
        const auto end = std::find(rest.begin(), rest.end(), '\0');
        module.symbols.push_back({symbol.st_value, symbol.st_size, std::string(rest.begin(), end)});
    }
    std::sort(module.symbols.begin(), module.symbols.end(), [](const Symbol& a, const Symbol& b) {
        return a.start < b.start;
    });
}

std::string SymbolTable::name(std::uintptr_t address) {
    for (Module& module : modules_) {
        const bool inside = std::any_of(module.ranges.begin(), module.ranges.end(), [&](const auto& range) {
            return address >= range.first && address < range.second;
        });
        if (!inside)
            continue;
        if (!module.read)
            readSymbols(module);
        const std::uint64_t offset = address - module.base;
        auto at = std::upper_bound(
            module.symbols.begin(), module.symbols.end(), offset,
            [](std::uint64_t value, const Symbol& symbol) { return value < symbol.start; }
        );
        if (at != module.symbols.begin() && offset - std::prev(at)->start < std::prev(at)->size)
            return demangled(std::prev(at)->name.c_str());
        return "[" + module.file + "]";
    }
    return "[unknown]";
}

} // namespace twistdpp
