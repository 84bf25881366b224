#include "twistdpp/daemon/runner_options.h"

#include "twistdpp/app/start_folder.h"

#include <algorithm>
#include <climits>
#include <unistd.h>

namespace twistdpp {

namespace {

Result<mode_t> parseOctal(Bytes text) {
    mode_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '7')
            return Error("is no octal file mode such as 027");
        value = value * 8 + static_cast<mode_t>(c - '0');
        if (value > 0777)
            return Error("is larger than 0777");
    }
    if (text.empty())
        return Error("is no octal file mode such as 027");
    return value;
}

Result<void> notEmpty(Bytes text) {
    return text.empty() ? Result<void>(Error("is empty")) : Result<void>{};
}

void declareProcess(RunnerOptions& o, OptionSet& options) {
    constexpr const char* group = "The process";
    options.add("-n,--nodaemon", o.nodaemon, "stay in the foreground, log to the terminal").group(group);
    options
        .on(
            "--pidfile",
            [&o](Bytes path) -> Result<void> {
                o.pidfile = path;
                return {};
            },
            "file for the process id; locked as long as the daemon runs; '' for none [default: twistdpp.pid "
            "in "
            "the background, none with -n]"
        )
        .value("FILE")
        .once()
        .group(group);
    options.add("-d,--rundir", o.rundir, "change to this folder").value("DIR").check(notEmpty).group(group);
    options.add("--chroot", o.chroot, "change the root folder after the ports were bound")
        .value("DIR")
        .group(group);
    options.add("-u,--uid", o.uid, "the user to become after the ports were bound")
        .value("USER")
        .group(group);
    options.add("-g,--gid", o.gid, "the group to become; else the user's own").value("GROUP").group(group);
    options.add("--euid", o.euid, "change only the effective user, so that root can be regained")
        .group(group);
    options
        .on(
            "--umask",
            [&o](Bytes text) -> Result<void> {
                auto mode = parseOctal(text);
                if (!mode)
                    return std::move(mode).error();
                o.umask = *mode;
                return {};
            },
            "mask for the modes of new files, octal [default: 077 in the background]"
        )
        .value("MODE")
        .once()
        .group(group);
    options
        .add(
            "--no-new-privileges", o.noNewPrivileges,
            "children can not become more than the daemon is (setuid)"
        )
        .group(group);
    options.add("--originalname", o.originalName, "do not name the process after its service").group(group);
    options
        .add("--shutdown-timeout", o.shutdownTimeout, "what connections get to finish when the daemon stops")
        .group(group);
    options
        .add(
            "--upgrade-timeout", o.upgradeTimeout,
            "what the new process gets to be ready at an upgrade (USR2)"
        )
        .group(group);
}

void declareLog(RunnerOptions& o, OptionSet& options) {
    constexpr const char* group = "The log";
    options
        .add(
            "-l,--logfile", o.logfile,
            "where to log, - for the standard output [default: twistdpp.log in the "
            "background, - with -n]"
        )
        .value("FILE")
        .check(notEmpty)
        .group(group);
    options
        .on(
            "--log-level", [&o](Bytes text) { return o.logLevels.add(text); },
            "debug, info, warn, error or critical; for all, or for a namespace"
        )
        .value("[NS=]LEVEL")
        .group(group);
    options.add("--log-format", o.logFormat, "text or json")
        .value("FORMAT")
        .oneOf({"text", "json"})
        .group(group);
    options.add("--syslog", o.syslog, "log to syslog, not to a file").group(group);
    options.add("--prefix", o.prefix, "the program's name in syslog").group(group);
}

void declareEngine(RunnerOptions& o, OptionSet& options) {
    constexpr const char* group = "The engine";
    options.add("-r,--reactor", o.reactor, "the kind of event loop, see --help-reactors")
        .value("NAME")
        .group(group);
    options.add("--workers", o.workers, "event loops, each on its own thread; 0 for one a processor")
        .group(group);
    options.add("--plugin", o.plugins, "load services from a shared object").value("FILE").group(group);
    options.add("-p,--profile", o.profile, "write a CPU profile (folded stacks) when the daemon stops")
        .value("FILE")
        .group(group);
    options.add("--profiler", o.profiler, "the profiler").value("NAME").oneOf({"cpu"}).group(group);
    options.add("--savestats", o.savestats, "with --profile: write loop lag and counters to FILE.stats")
        .group(group);
}

void declareOthers(RunnerOptions& o, OptionSet& options) {
    constexpr const char* group = "Information";
    options.add("--config", o.config, "read options from a file: a section a service")
        .value("FILE")
        .group(group);
    options.add("--check", o.check, "check options, files and services, then exit").group(group);
    options.add("--help-reactors", o.helpReactors, "list the event loops").group(group);
    options.add("--help-auth", o.helpAuth, "list what services take as --auth").group(group);
    options.add("--help-auth-type", o.helpAuthType, "tell about one of them").value("TYPE").group(group);
    options.add("--version", o.version, "print the version").group(group);
    options.add("--help", o.help, "print this, or the options of a service: twistdpp web --help")
        .group(group);

    options.refuse(
        "--spew", "there is no trace of every call; use --log-level debug, or --profile FILE", false
    );
    options.refuse("-b,--debug", "there is no built-in debugger; run 'gdb --args twistdpp -n ...'", false);
    options.refuse(
        "-y,--python", "Python files are not run; name a service, or load one with --plugin FILE", true
    );
    options.refuse("-f,--file", ".tap files are not read; put the options in a file for --config", true);
    options.refuse("-s,--source", ".tas files are not read; put the options in a file for --config", true);
    options.refuse(
        "-e,--encrypted", "there are no encrypted .tap files; use --config with a file only its owner reads",
        false
    );
    options.refuse("-o,--no_save", "no state is saved on shutdown, so leave it out", false);
    options.refuse(
        "--logger", "there are no log observers to name; use --logfile, --syslog or --log-format json", true
    );
}

} // namespace

void RunnerOptions::declare(OptionSet& options) {
    declareProcess(*this, options);
    declareLog(*this, options);
    declareEngine(*this, options);
    declareOthers(*this, options);
    options.note(
        "Signals: TERM and INT stop in order, a second one at once; QUIT stops at once; HUP reads the "
        "configuration again; USR1 reopens the logs; USR2 starts the program anew (as it lies on the disk by "
        "then, with the same arguments) and leaves it all sockets, so that no connection is lost; RTMIN logs "
        "the state; TTIN and TTOU log more and less."
    );
    options.note(
        "Options may stand in a file (--config), in the environment (TWISTDPP_LOG_LEVEL, TWISTDPP_WEB_PORT) "
        "and on the command line; the later one in this order wins."
    );
    options.example("twistdpp -n web --port tcp:8080 --path .", "serve this folder, in the foreground");
    options.example(
        "twistdpp --uid www-data web --port tcp:80 --path /srv/www",
        "bind port 80 as root, then become www-data in the background"
    );
    options.example("twistdpp --config /etc/twistdpp.toml --check", "check a configuration file");
}

Result<void> RunnerOptions::validate() const {
    if (syslog && !logfile.empty())
        return Error("--syslog and --logfile exclude each other; choose one");
    if (!nodaemon && logfile == "-")
        return Error("--logfile - needs -n: in the background there is no standard output to log to");
    if (workers > 999)
        return Error("--workers " + std::to_string(workers) + ": is more than 999");
    if (savestats && profile.empty())
        return Error("--savestats goes with --profile FILE");
    if (euid && uid.empty() && gid.empty())
        return Error("--euid goes with --uid or --gid");
    if (reactor.starts_with("sim") && !nodaemon && !check)
        return Error("--reactor sim needs -n: it serves a simulated network, which no one else can reach");
    return {};
}

std::string absolutePath(const std::string& path) {
    return fromStartFolder(path);
}

std::string RunnerOptions::workFolder() const {
    if (chroot.empty())
        return absolutePath(rundir);
    return absolutePath(chroot + "/" + (rundir == "." ? std::string() : rundir));
}

std::string RunnerOptions::pidfilePath() const {
    if (pidfile)
        return pidfile->empty() ? "" : absolutePath(*pidfile);
    return nodaemon ? "" : absolutePath(workFolder() + "/twistdpp.pid");
}

std::string RunnerOptions::logPath() const {
    if (logfile.empty())
        return nodaemon ? "-" : absolutePath(workFolder() + "/twistdpp.log");
    return logfile == "-" ? "-" : absolutePath(logfile);
}

} // namespace twistdpp
