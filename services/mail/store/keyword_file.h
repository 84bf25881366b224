#pragma once
#include "twistdpp/base/result.h"

#include <string>
#include <vector>

namespace twistdpp::mail {

/// Most keywords of a Maildir: letters of the alphabet.
inline constexpr std::size_t kMostKeywords = 26;

/// What the small letters behind the names of a Maildir's files stand for: 'a' for the first. Kept where
/// Dovecot keeps it ("dovecot-keywords"), so that either may follow the other. None when there is no file;
/// a letter that stands for nothing has an empty name. For whoever holds the lock of MessageUids. Blocks.
Result<std::vector<std::string>> readKeywords(const std::string& maildir);
Result<void> writeKeywords(const std::string& maildir, const std::vector<std::string>& keywords);

} // namespace twistdpp::mail
