#include "twistdpp/mail_sink/faults.h"

#include "twistdpp/app/option_set.h"
#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/cred/password_digest.h"

#include <algorithm>
#include <array>
#include <fnmatch.h>

namespace twistdpp::mail {

namespace {

constexpr const char* kForm =
    "is not of the form \"451 at RCPT for *@slow.test\": CODE, \"delay TIME\" or \"drop\"; "
    "at MAIL, RCPT, DATA or END; and perhaps \"for PATTERN\", \"times COUNT\", \"chance 20%\"";
constexpr std::ptrdiff_t kMostStars = 8; // matching takes a time that grows with each

struct StageName {
    Bytes name;
    FaultStage stage;
};
constexpr std::array<StageName, 4> kStages{
    {{"MAIL", FaultStage::mail},
     {"RCPT", FaultStage::rcpt},
     {"DATA", FaultStage::data},
     {"END", FaultStage::end}}};

/// The enhanced code that says least (RFC 3463).
std::string enhancedOf(unsigned code) {
    return std::to_string(code / 100) + ".0.0";
}

Bytes nextWord(Bytes& rest) {
    rest = ascii::trim(rest);
    return ascii::cut(rest, ' ');
}

bool happens(unsigned chance) {
    if (chance >= 100)
        return true;
    const std::string random = randomBytes(2);
    const unsigned value =
        static_cast<unsigned char>(random[0]) * 256U + static_cast<unsigned char>(random[1]);
    return value * 100U < chance * 65536U;
}

} // namespace

Result<Fault> Fault::parse(Bytes text) {
    Fault out;
    out.text = ascii::trim(text);
    Bytes rest = out.text;
    const Bytes action = nextWord(rest);
    if (ascii::equalsIgnoreCase(action, "drop")) {
        out.reply = smtp::Reply::none();
    } else if (ascii::equalsIgnoreCase(action, "delay")) {
        const auto delay = parseDuration(nextWord(rest));
        if (!delay)
            return Error(delay.error()).within("delay");
        out.delay = *delay;
    } else {
        const auto code = parseUnsigned<unsigned>(action);
        if (!code || *code < 400 || *code > 599)
            return Error(kForm);
        out.reply.emplace(static_cast<int>(*code), enhancedOf(*code), "as asked for by \"" + out.text + "\"");
    }
    if (!ascii::equalsIgnoreCase(nextWord(rest), "at"))
        return Error(kForm);
    const Bytes stage = nextWord(rest);
    const auto* const found = std::find_if(kStages.begin(), kStages.end(), [&](const StageName& each) {
        return ascii::equalsIgnoreCase(each.name, stage);
    });
    if (found == kStages.end())
        return Error(kForm);
    out.stage = found->stage;
    for (Bytes word = nextWord(rest); !word.empty(); word = nextWord(rest)) {
        Bytes value = nextWord(rest);
        if (ascii::equalsIgnoreCase(word, "for") && !value.empty()) {
            if (std::count(value.begin(), value.end(), '*') > kMostStars)
                return Error("a pattern has at most " + std::to_string(kMostStars) + " stars");
            out.pattern = value;
        } else if (ascii::equalsIgnoreCase(word, "times")) {
            out.times = parseUnsigned<std::uint64_t>(value);
            if (!out.times)
                return Error(kForm);
        } else if (ascii::equalsIgnoreCase(word, "chance") && value.ends_with('%')) {
            value.remove_suffix(1);
            const auto percent = parseUnsigned<unsigned>(value);
            if (!percent || *percent > 100)
                return Error(kForm);
            out.chance = *percent;
        } else {
            return Error(kForm);
        }
    }
    return out;
}

Faults::Outcome Faults::next(FaultStage stage, const std::vector<std::string>& addresses) {
    Outcome out;
    for (Fault& fault : faults_) {
        if (fault.stage != stage || fault.times == 0U || (fault.reply && out.reply))
            continue;
        const bool meant = std::any_of(addresses.begin(), addresses.end(), [&](const std::string& address) {
            return ::fnmatch(fault.pattern.c_str(), address.c_str(), FNM_CASEFOLD | FNM_NOESCAPE) == 0;
        });
        if (!meant || !happens(fault.chance))
            continue;
        if (fault.times)
            --*fault.times;
        out.delay += fault.delay;
        if (fault.reply)
            out.reply = fault.reply;
    }
    return out;
}

} // namespace twistdpp::mail
