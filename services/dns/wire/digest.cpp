#include "twistdpp/dns_wire/digest.h"

#include <cstring>
#include <openssl/sha.h>

namespace twistdpp::dns {

void nsec3Hash(Bytes name, Bytes salt, unsigned iterations, std::array<char, 20>& to) noexcept {
    std::array<unsigned char, 255 + 255> input;
    std::size_t size = name.copy(reinterpret_cast<char*>(input.data()), 255);
    for (unsigned i = 0; i <= iterations; ++i) {
        std::memcpy(input.data() + size, salt.data(), salt.size());
        ::SHA1(input.data(), size + salt.size(), reinterpret_cast<unsigned char*>(to.data()));
        std::memcpy(input.data(), to.data(), to.size());
        size = to.size();
    }
}

} // namespace twistdpp::dns
