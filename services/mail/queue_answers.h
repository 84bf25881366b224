#pragma once
#include "twistdpp/base/result.h"

#include <string>
#include <vector>

namespace twistdpp::mail {

/// Whether they are words that answerWords() knows, or "dkim".
Result<void> checkWords(const std::vector<std::string>& words);
/// What `twistdpp mail --relay FOLDER WORDS...` prints: "queue" what waits and why, "trace ID" the whole way
/// of a mail, "flush" and "flush ID" what the daemon says that it is asked to try now, "drop ID" to throw
/// away. The first two read the daemon's files, whether it runs or not. The error is that of the files, or of
/// the daemon. The words are good. Blocks.
Result<std::string> answerWords(const std::string& folder, const std::vector<std::string>& words);

} // namespace twistdpp::mail
