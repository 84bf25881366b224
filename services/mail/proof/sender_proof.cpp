#include "twistdpp/mail_proof/sender_proof.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/mail_proof/dkim_signer.h"

#include <random>

namespace twistdpp::mail {

namespace {

Bytes wordOf(DkimResult::Status status) {
    using Status = DkimResult::Status;
    switch (status) {
    case Status::pass:
        return "pass";
    case Status::fail:
        return "fail";
    case Status::policy:
        return "policy";
    case Status::neutral:
        return "neutral";
    case Status::temporary:
        return "temperror";
    case Status::permanent:
        return "permerror";
    case Status::none:
        break;
    }
    return "none";
}

Bytes wordOf(SpfResult::Status status) {
    using Status = SpfResult::Status;
    switch (status) {
    case Status::pass:
        return "pass";
    case Status::fail:
        return "fail";
    case Status::softFail:
        return "softfail";
    case Status::neutral:
        return "neutral";
    case Status::temporary:
        return "temperror";
    case Status::permanent:
        return "permerror";
    case Status::none:
        break;
    }
    return "none";
}

Bytes wordOf(DmarcResult::Status status) {
    using Status = DmarcResult::Status;
    switch (status) {
    case Status::pass:
        return "pass";
    case Status::fail:
        return "fail";
    case Status::temporary:
        return "temperror";
    case Status::permanent:
        return "permerror";
    case Status::none:
        break;
    }
    return "none";
}

/// A value of somebody else's: quoted unless it is a plain word, and never more than one line.
std::string valueText(Bytes text) {
    std::string out = "\"";
    bool plain = !text.empty();
    for (const char c : text.substr(0, 255)) {
        const auto byte = static_cast<unsigned char>(c);
        plain = plain && (ascii::isAlpha(c) || ascii::isDigit(c) || Bytes("-._@+/").find(c) != Bytes::npos);
        if (c == '"' || c == '\\')
            out += '\\';
        out += byte < 0x20 || byte == 0x7f ? ' ' : c;
    }
    return plain ? std::string(text.substr(0, 255)) : out + "\"";
}

std::string reasonText(const std::string& reason) {
    return reason.empty() ? std::string() : "\n\t reason=" + valueText(reason);
}

} // namespace

Deferred<SenderProof> proveSender(
    Reactor& reactor, dns::Client client, SpfQuery query, DkimMessage message, std::int64_t unixSeconds
) {
    SenderProof out;
    const std::string from = fromDomain(message.header);
    auto checking = checkSpf(client, std::move(query));
    auto verifying = verifyDkim(reactor, client, std::move(message), unixSeconds);
    SpfResult spf = co_await std::move(checking);
    std::vector<DkimResult> dkim = co_await std::move(verifying);
    out.spf = spf;
    out.dkim = dkim;
    std::random_device random;
    auto asking = checkDmarc(client, from, std::move(dkim), std::move(spf), random() % 100);
    DmarcResult dmarc = co_await std::move(asking);
    out.dmarc = std::move(dmarc);
    co_return std::move(out);
}

std::string authenticationResults(const std::string& hostname, const SenderProof& proof) {
    std::string out = "Authentication-Results: " + hostname +
                      ";\n\tspf=" + std::string(wordOf(proof.spf.status)) +
                      (proof.spf.ofHelo ? " smtp.helo=" : " smtp.mailfrom=") + valueText(proof.spf.domain);
    if (proof.dkim.empty())
        out += ";\n\tdkim=none";
    for (const DkimResult& each : proof.dkim) {
        out += ";\n\tdkim=" + std::string(wordOf(each.status)) + reasonText(each.reason);
        if (!each.domain.empty())
            out += "\n\t header.d=" + valueText(each.domain) + " header.s=" + valueText(each.selector);
    }
    out += ";\n\tdmarc=" + std::string(wordOf(proof.dmarc.status));
    if (!proof.dmarc.domain.empty())
        out += " header.from=" + valueText(proof.dmarc.domain);
    return out + "\n";
}

} // namespace twistdpp::mail
