#include "twistdpp/dns_server/siphash.h"

#include <bit>
#include <cstring>

namespace twistdpp::dns {

namespace {

struct State {
    std::uint64_t a, b, c, d;

    void rounds(int count) noexcept {
        for (; count > 0; --count) {
            a += b;
            c += d;
            b = std::rotl(b, 13) ^ a;
            d = std::rotl(d, 16) ^ c;
            a = std::rotl(a, 32);
            c += b;
            a += d;
            b = std::rotl(b, 17) ^ c;
            d = std::rotl(d, 21) ^ a;
            c = std::rotl(c, 32);
        }
    }
    void take(std::uint64_t word) noexcept {
        d ^= word;
        rounds(2);
        a ^= word;
    }
};

} // namespace

std::uint64_t sipHash24(const std::array<std::uint8_t, 16>& key, Bytes message) noexcept {
    std::uint64_t low, high;
    std::memcpy(&low, key.data(), 8);
    std::memcpy(&high, key.data() + 8, 8);
    State state{
        low ^ 0x736f6d6570736575U, high ^ 0x646f72616e646f6dU, low ^ 0x6c7967656e657261U,
        high ^ 0x7465646279746573U};
    const std::uint64_t size = message.size();
    for (; message.size() >= 8; message.remove_prefix(8)) {
        std::uint64_t word;
        std::memcpy(&word, message.data(), 8);
        state.take(word);
    }
    std::uint64_t last = size << 56;
    std::uint64_t tail = 0;
    std::memcpy(&tail, message.data(), message.size());
    state.take(last | tail);
    state.c ^= 0xff;
    state.rounds(4);
    return state.a ^ state.b ^ state.c ^ state.d;
}

} // namespace twistdpp::dns
