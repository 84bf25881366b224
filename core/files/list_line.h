#pragma once
#include "twistdpp/files/file_tree.h"

#include <cstdint>
#include <string>

namespace twistdpp::files {

/// "drwxr-xr-x", as `ls -l` begins.
std::string modeText(const FileInfo& info);

/// A line as `ls -l` writes it and the clients of LIST and of SFTP read it, without its end. Times are UTC;
/// `now` in seconds of Unix: what is older than half a year has the year in place of the hour.
std::string listLine(const std::string& name, const FileInfo& info, std::int64_t now);

} // namespace twistdpp::files
