#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/reactor/address.h"

#include <string>
#include <vector>

namespace twistdpp::mail {

/// One mechanism of a policy (RFC 7208 section 5): "-ip4:192.0.2.0/24".
struct SpfTerm {
    enum class Kind { all, include, a, mx, ptr, ip4, ip6, exists };
    Kind kind = Kind::all;
    char qualifier = '+';
    std::string domain; // with its macros; empty: the present one
    Address network;    // of ip4 and ip6
    unsigned width4 = 32, width6 = 128;
    std::string text; // as it stands there
};

/// A policy, "v=spf1 ..." (RFC 7208 section 4.5 and 4.6). The error says which term is wrong.
struct SpfRecord {
    std::vector<SpfTerm> terms;
    std::string redirect; // empty: there is none

    static bool isOne(Bytes text) noexcept;
    static Result<SpfRecord> parse(Bytes text);
};

/// What macros are replaced by (RFC 7208 section 7.2).
struct SpfMacros {
    std::string sender, domain, helo;
    Address client;
};
/// The text with its macros replaced: "%{ir}.%{v}._spf.%{d2}". The error says what is wrong with it.
Result<std::string> expandMacros(Bytes text, const SpfMacros& macros);

} // namespace twistdpp::mail
