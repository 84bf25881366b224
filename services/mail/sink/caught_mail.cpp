#include "twistdpp/mail_sink/caught_mail.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/mime/decode.h"
#include "twistdpp/mime/part.h"

#include <algorithm>
#include <ctime>

namespace twistdpp::mail {

namespace {

constexpr std::size_t kMostText = 256 * 1024; // of a message's text that a search looks through

bool contains(Bytes text, Bytes word) {
    return text.find(word) != Bytes::npos;
}

std::string listed(const std::vector<std::string>& addresses) {
    std::string out;
    for (const std::string& address : addresses)
        out.append(address).append("\n");
    return out;
}

} // namespace

bool CaughtMail::matches(Bytes search) const {
    const std::string lower = ascii::toLower(search);
    for (Bytes rest = lower; !rest.empty();) {
        Bytes word = ascii::cut(rest, ' ');
        bool found = false;
        if (word.starts_with("from:"))
            found = contains(ascii::toLower(from), word.substr(5));
        else if (word.starts_with("to:"))
            found = contains(ascii::toLower(listed(to)), word.substr(3));
        else if (word.starts_with("subject:"))
            found = contains(ascii::toLower(subject), word.substr(8));
        else
            found = contains(words, word);
        if (!found)
            return false;
    }
    return true;
}

bool CaughtMail::isFor(Bytes reader) const {
    return reader.find('@') == Bytes::npos ||
           std::any_of(to.begin(), to.end(), [&](const std::string& address) {
               return ascii::equalsIgnoreCase(address, reader);
           });
}

CaughtMails::CaughtMails(std::size_t most, std::uint64_t bytes)
    : most_(most), mostBytes_(bytes), validity_(static_cast<std::uint32_t>(std::time(nullptr))) {}

CaughtMails::Marks CaughtMails::marks(std::uint64_t id) const {
    const auto found = marks_.find(id);
    return found == marks_.end() ? Marks() : found->second;
}

void CaughtMails::setFlags(std::uint64_t id, unsigned flags) {
    const auto found = marks_.find(id);
    if (found == marks_.end() || found->second.flags == flags)
        return;
    found->second = {flags, ++modseq_};
    changed();
}

CaughtMailPtr CaughtMails::add(CaughtMail mail) {
    mail.id = ++lastId_;
    const mime::Part message = mime::parseMessage(mail.message);
    const mime::Overview overview = mime::overviewOf(message);
    mail.subject = mime::decodeWords(mime::fieldOf(message.fields, "Subject").value_or(std::string()));
    mail.attachments = overview.attachments.size();
    std::string words = mail.from + "\n" + listed(mail.to) + mail.subject + "\n";
    for (const Bytes field : {"From", "To", "Cc", "Reply-To"})
        words += mime::decodeWords(mime::fieldOf(message.fields, field).value_or(std::string())) + "\n";
    for (const mime::Part* text : {overview.text, overview.html}) {
        if (text)
            words += mime::toUtf8(text->content().substr(0, kMostText), text->type.get("charset")) + "\n";
    }
    for (const mime::Part* attachment : overview.attachments)
        words += attachment->fileName() + "\n";
    mail.words = ascii::toLower(words);

    bytes_ += mail.message.size();
    auto kept = std::make_shared<const CaughtMail>(std::move(mail));
    marks_[kept->id].modseq = ++modseq_;
    mails_.push_back(kept);
    while (mails_.size() > 1 && (mails_.size() > most_ || bytes_ > mostBytes_)) {
        bytes_ -= mails_.front()->message.size();
        marks_.erase(mails_.front()->id);
        mails_.pop_front();
    }
    changed();
    return kept;
}

CaughtMailPtr CaughtMails::find(std::uint64_t id) const {
    const auto found = std::lower_bound(
        mails_.begin(), mails_.end(), id,
        [](const CaughtMailPtr& mail, std::uint64_t wanted) { return mail->id < wanted; }
    );
    return found == mails_.end() || (*found)->id != id ? nullptr : *found;
}

bool CaughtMails::remove(std::uint64_t id) {
    const CaughtMailPtr mail = find(id);
    if (!mail)
        return false;
    bytes_ -= mail->message.size();
    marks_.erase(id);
    mails_.erase(std::find(mails_.begin(), mails_.end(), mail));
    changed();
    return true;
}

void CaughtMails::clear() {
    mails_.clear();
    marks_.clear();
    bytes_ = 0;
    changed();
}

std::shared_ptr<void> CaughtMails::watch(std::function<void()> told) {
    auto made = std::make_shared<std::function<void()>>(std::move(told));
    watchers_.push_back(made);
    return made;
}

void CaughtMails::changed() {
    std::erase_if(watchers_, [](const auto& watcher) { return watcher.expired(); });
    // One who is told may watch no more, or another begin to.
    const auto now = watchers_;
    for (const auto& watcher : now) {
        if (const auto told = watcher.lock())
            (*told)();
    }
}

} // namespace twistdpp::mail
