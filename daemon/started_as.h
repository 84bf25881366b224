#pragma once
#include <string>
#include <sys/types.h>
#include <vector>

namespace twistdpp {

/// How this process was started, so that it can be started so once more.
struct StartedAs {
    /// At the very beginning of main(), before anything changes the folder or opens a file.
    static StartedAs now(int argc, char** argv);

    /// The program's path as it was named, absolute and with its links unresolved: what lies there at the
    /// time of an upgrade is the new program. The real path when the name does not lead to this program.
    std::string executable;
    std::vector<std::string> arguments; // with the name in front
    std::string folder;

    /// The arguments of main() without the program's name.
    std::vector<std::string> options() const;
    /// The descriptors from 3 on that came with the start (LISTEN_FDS, fd:N) and are still what they were.
    std::vector<int> descriptors() const;

private:
    struct Descriptor {
        int number;
        dev_t device;
        ino_t file;
    };
    std::vector<Descriptor> descriptors_;
};

} // namespace twistdpp
