#include "twistdpp/http/header_block.h"

#include "twistdpp/base/ascii.h"

namespace twistdpp::http {

std::optional<Bytes> HeaderBlock::find(Bytes name) const noexcept {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const Field field = (*this)[i];
        if (ascii::equalsIgnoreCase(field.name, name))
            return field.value;
    }
    return std::nullopt;
}

} // namespace twistdpp::http
