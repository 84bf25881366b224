#include "twistdpp/service_mail/queue_answers.h"

#include "twistdpp/app/text_escape.h"
#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/mail_queue/spool_files.h"
#include "twistdpp/mail_relay/relay_control.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <fstream>

namespace twistdpp::mail {

namespace {

std::string timeText(std::int64_t milliseconds) {
    const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts)};
}

std::string span(std::int64_t milliseconds) {
    const std::int64_t seconds = std::max<std::int64_t>(milliseconds, 0) / 1000;
    if (seconds < 120)
        return std::to_string(seconds) + " s";
    if (seconds < 7200)
        return std::to_string(seconds / 60) + " min";
    if (seconds < 172800)
        return std::to_string(seconds / 3600) + " h";
    return std::to_string(seconds / 86400) + " d";
}

std::int64_t unixNow() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string plural(std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string escaped(Bytes text) {
    std::string out;
    appendEscaped(out, text);
    return out;
}

Result<std::string> queueText(const std::string& folder) {
    auto found = SpoolFiles::look(folder);
    if (!found)
        return std::move(found).error();
    if (found->empty())
        return std::string("The queue is empty.\n");
    std::sort(found->begin(), found->end(), [](const auto& a, const auto& b) {
        return a.mail.came < b.mail.came;
    });
    const std::int64_t now = unixNow();
    std::string out;
    std::uint64_t bytes = 0;
    for (const SpoolFiles::Found& each : *found) {
        const QueuedMail& mail = each.mail;
        bytes += mail.size;
        out += mail.id + "  " + timeText(mail.came) + "  " + std::to_string(mail.size) + " bytes  from <" +
               (mail.envelope.from ? escaped(mail.envelope.from->toString()) : std::string()) + ">\n";
        for (const QueuedRecipient& to : mail.to) {
            out += "    to <" + escaped(to.who.to.toString()) + ">  ";
            if (to.tries == 0)
                out += "not tried yet\n";
            else
                out += (to.tries == 1 ? std::string("tried once")
                                      : "tried " + std::to_string(to.tries) + " times") +
                       ", the next " + (to.next > now ? "in " + span(to.next - now) : std::string("now")) +
                       "\n        " + escaped(to.why) + "\n";
        }
    }
    return out + plural(found->size(), "mail") + ", " + std::to_string(bytes) + " bytes.\n";
}

/// Lines "MILLISECONDS ID WORDS" of that mail.
void readHistory(const std::string& path, Bytes id, std::string& into) {
    std::ifstream file(path, std::ios::binary);
    for (std::string text; std::getline(file, text);) {
        Bytes line = text;
        const auto time = parseUnsigned<std::uint64_t>(ascii::cut(line, ' '));
        if (time && ascii::cut(line, ' ') == id)
            into += timeText(static_cast<std::int64_t>(*time)) + "  " + escaped(line) + "\n";
    }
}

Result<std::string> traceText(const std::string& folder, const std::string& id) {
    auto found = SpoolFiles::look(folder);
    if (!found)
        return std::move(found).error();
    std::string out;
    readHistory(SpoolFiles::historyPath(folder, true), id, out);
    readHistory(SpoolFiles::historyPath(folder, false), id, out);
    for (const SpoolFiles::Found& each : *found) {
        if (each.mail.id != id)
            continue;
        for (const QueuedRecipient& to : each.mail.to)
            out += "now                  waits for <" + escaped(to.who.to.toString()) + ">" +
                   (to.next > 0 ? ", next try " + timeText(to.next) : std::string()) + "\n";
    }
    if (out.empty())
        return Error("there is nothing of a mail " + id + " in " + folder);
    return out;
}

} // namespace

Result<void> checkWords(const std::vector<std::string>& words) {
    const std::string& verb = words.front();
    const bool withId = verb == "trace" || verb == "drop";
    const bool alone = verb == "queue" || verb == "dkim";
    if (!alone && verb != "flush" && !withId)
        return Error(
            "'" + verb + "' is neither an option nor one of queue, trace ID, flush, flush ID, drop ID, dkim"
        );
    if (withId && words.size() < 2)
        return Error("'" + verb + "' needs the name of a mail, as `queue` and the log have it");
    if (const std::size_t most = alone ? 1 : 2; words.size() > most)
        return Error("'" + words[most] + "' is one word too many behind '" + verb + "'");
    if (words.size() > 1 && !isQueueId(words[1]))
        return Error("'" + words[1] + "' is no name of a mail");
    return {};
}

Result<std::string> answerWords(const std::string& folder, const std::vector<std::string>& words) {
    const std::string& verb = words.front();
    const std::string id = words.size() > 1 ? words[1] : std::string();
    if (verb == "queue")
        return queueText(folder);
    if (verb == "trace")
        return traceText(folder, id);
    return askControl(folder, id.empty() ? verb : verb + " " + id);
}

} // namespace twistdpp::mail
