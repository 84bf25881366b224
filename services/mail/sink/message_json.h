#pragma once
#include "twistdpp/mail_sink/caught_mail.h"
#include "twistdpp/mime/part.h"

#include <string>

namespace twistdpp::mail {

/// What a list shows of a mail, as a JSON object.
void appendSummary(std::string& out, const CaughtMail& mail);
/// All of a mail, as a JSON object: envelope, header, texts, attachments by their names.
std::string messageJson(const CaughtMail& mail);

/// A message's HTML with the pictures that it brings along put into it ("cid:" becomes "data:"), as nothing
/// else is loaded where it is shown.
std::string selfContained(const std::string& html, const mime::Part& message);

} // namespace twistdpp::mail
