#pragma once
#include "twistdpp/imap_server/flags.h"

#include <string>

namespace twistdpp::mail {

/// The letters of a file's name for flags: those that all Maildirs share, and 'a' to 'z' for keywords.
/// `before`: the letters that it has, of which those that say something else are kept.
std::string maildirFlags(unsigned flags, const std::string& before);
unsigned flagsFromMaildir(const std::string& letters) noexcept;

} // namespace twistdpp::mail
