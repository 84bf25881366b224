#include "twistdpp/daemon/help.h"

#include "twistdpp/app/option_help.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/cred/checker_maker.h"

#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

#ifndef TWISTDPP_VERSION
#error "the build names the version"
#endif

namespace twistdpp {

namespace {

std::size_t terminalWidth() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 60)
        return std::min<std::size_t>(size.ws_col, 110);
    return 80;
}

void appendRow(std::string& out, std::string_view name, std::string_view summary) {
    std::string left = "  " + std::string(name);
    left.resize(std::max<std::size_t>(left.size() + 2, 16), ' ');
    out.append(left).append(wrapped(summary, left.size(), terminalWidth())).append("\n");
}

} // namespace

std::string versionText() {
    return "twistdpp " TWISTDPP_VERSION "\n";
}

std::string daemonHelp(const OptionSet& options) {
    std::string text = "Usage: twistdpp [options] SERVICE [service options] [SERVICE ...]\n\n";
    text += wrapped(
        "Runs network services in one process: in the background, or with -n in the foreground.", 0,
        terminalWidth()
    );
    text += "\n\nServices (twistdpp SERVICE --help tells more):\n";
    for (const ServiceMaker* maker : Registry<ServiceMaker>::all())
        appendRow(text, maker->name, maker->summary);
    return text + "\n" + formatOptions(options, terminalWidth());
}

std::string serviceHelp(const ServiceMaker& maker, const OptionSet& options) {
    const std::string name(maker.name);
    std::string text = "Usage: twistdpp [daemon options] " + name + " [options]" +
                       (options.words() ? " " + options.wordUsage() : std::string()) + "\n\n";
    text += wrapped(maker.summary, 0, terminalWidth()) + "\n\n";
    text += formatOptions(options, terminalWidth());
    return text + "\n" + wrapped("The daemon's own options are in twistdpp --help.", 0, terminalWidth()) +
           "\n";
}

std::string reactorHelp() {
    std::string text = "Reactors for --reactor NAME or NAME:ARGUMENTS:\n";
    for (const ReactorMaker* maker : Registry<ReactorMaker>::all())
        appendRow(text, maker->name, maker->summary);
    return text;
}

Result<std::string> authHelp(std::string_view type) {
    auto told = type.empty() ? Result<std::string>(helpAuth()) : helpAuthType(type);
    if (!told)
        return told;
    std::string text = std::move(*told);
    if (!text.ends_with('\n'))
        text += '\n';
    return text;
}

} // namespace twistdpp
