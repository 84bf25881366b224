#pragma once
#include "twistdpp/base/bytes.h"
#include <array>
namespace twistdpp::dns {
void nsec3Hash(Bytes name, Bytes salt, unsigned iterations, std::array<char, 20>& to) noexcept;
}
