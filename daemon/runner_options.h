#pragma once
#include "twistdpp/app/log_levels.h"
#include "twistdpp/app/option_set.h"

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace twistdpp {

/// The daemon's own options, twistd's where they have a meaning without Python.
struct RunnerOptions {
    bool nodaemon = false;
    std::optional<std::string> pidfile; // unset: the default; empty: none
    std::string logfile;                // empty: "-" in the foreground, else twistdpp.log
    bool syslog = false;
    std::string prefix = "twistdpp";
    std::string logFormat = "text";
    LogLevels logLevels;
    std::string rundir = ".";
    std::string chroot;
    std::string uid, gid;
    bool euid = false;
    std::optional<mode_t> umask; // unset: 0077 in the background
    bool noNewPrivileges = false;
    std::string profile;
    std::string profiler = "cpu";
    bool savestats = false;
    std::string reactor = "uv";
    unsigned workers = 1; // 0: as many as there are processors
    Duration shutdownTimeout = std::chrono::seconds(30);
    Duration upgradeTimeout = std::chrono::seconds(30);
    bool originalName = false;
    bool check = false;
    std::string config;
    std::vector<std::string> plugins;
    std::string helpAuthType;
    bool help = false, version = false, helpReactors = false, helpAuth = false;

    void declare(OptionSet& options);
    Result<void> validate() const;

    /// The folder in which the default pidfile and log are made, as seen from where the daemon is started.
    std::string workFolder() const;
    /// Absolute, or "" for none.
    std::string pidfilePath() const;
    /// Absolute, or "-".
    std::string logPath() const;
};

/// `path` as seen from the folder where the daemon was started.
std::string absolutePath(const std::string& path);

} // namespace twistdpp
