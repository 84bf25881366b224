#include "twistdpp/http/negotiation.h"

#include "twistdpp/http/tokens.h"

#include "twistdpp/base/ascii.h"

namespace twistdpp::http {

namespace {

constexpr std::array<Bytes, kCodings> kNames = {"identity", "gzip", "br", "zstd"};
constexpr int kUnnamed = -1;

std::optional<std::size_t> codingNamed(Bytes name) noexcept {
    if (ascii::equalsIgnoreCase(name, "x-gzip")) // RFC 9110 8.4.1.3
        return static_cast<std::size_t>(Coding::gzip);
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (ascii::equalsIgnoreCase(name, kNames[i]))
            return i;
    }
    return std::nullopt;
}

} // namespace

Bytes codingName(Coding coding) noexcept {
    return kNames[static_cast<std::size_t>(coding)];
}

AcceptedCodings::AcceptedCodings() noexcept {
    quality_.fill(kUnnamed);
}

AcceptedCodings::AcceptedCodings(const HeaderBlock& headers) noexcept : AcceptedCodings() {
    headers.each(KnownHeader::acceptEncoding, [this](Bytes list) { read(list); });
    settle();
}

AcceptedCodings::AcceptedCodings(Bytes value) noexcept : AcceptedCodings() {
    read(value);
    settle();
}

void AcceptedCodings::read(Bytes list) noexcept {
    ListReader reader(list);
    while (const auto element = reader.next()) {
        const Parameterised parts = splitParameters(*element);
        const std::optional<int> quality = qualityOf(parts.parameters);
        if (!quality)
            continue;
        if (parts.value == "*")
            others_ = *quality;
        else if (const auto coding = codingNamed(parts.value))
            quality_[*coding] = *quality;
    }
}

void AcceptedCodings::settle() noexcept {
    int& identity = quality_[static_cast<std::size_t>(Coding::identity)];
    // Identity that is not named stays acceptable unless "*;q=0" excludes it, but anything named is better.
    if (identity == kUnnamed)
        identity = others_ == 0 ? 0 : 1;
    for (int& quality : quality_) {
        if (quality == kUnnamed)
            quality = others_ > 0 ? others_ : 0;
    }
}

std::optional<Coding> AcceptedCodings::choose(std::span<const Coding> offered) const noexcept {
    std::optional<Coding> best;
    for (const Coding coding : offered) {
        if (quality(coding) > (best ? quality(*best) : 0))
            best = coding;
    }
    if (quality(Coding::identity) > (best ? quality(*best) : 0))
        best = Coding::identity;
    return best;
}

} // namespace twistdpp::http
