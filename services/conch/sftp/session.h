#pragma once
#include "twistdpp/files/file_tree.h"
#include "twistdpp/sftp/attributes.h"
#include "twistdpp/sftp/wire.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::sftp {

struct SessionOptions {
    bool writable = true;
    mode_t umask = 022;
    std::string start = "/"; // where relative paths begin
};

/// One client's session: a packet in, its answer out. No thread and no socket; everything blocks. One thread
/// at a time.
class Session {
public:
    static constexpr std::size_t kMostPacket = 256 * 1024; // that is taken in
    static constexpr std::size_t kMostData = 255 * 1024;   // of a file in one answer, or one request
    static constexpr std::size_t kMostHandles = 256;       // that are open

    explicit Session(std::shared_ptr<const files::FileTree> tree, SessionOptions options = SessionOptions());

    /// Does what a packet (without its length) asks for and writes the answer, with its length, to the end of
    /// `out`. False: that was no packet of the protocol, and nothing more can come of it.
    bool answer(Bytes packet, std::string& out);

private:
    struct Handle {
        std::string path;
        UniqueFd file;                         // none: it is a folder
        std::vector<files::FileEntry> entries; // of a folder
        std::size_t next = 0;                  // of them
    };
    enum class Code : std::uint32_t {
        ok = 0,
        eof = 1,
        noSuchFile = 2,
        permissionDenied = 3,
        failure = 4,
        badMessage = 5,
        unsupported = 8,
    };
    /// A request that is being answered.
    struct Request {
        std::uint32_t id;
        WireReader in;
        std::string& out;
    };
    using Run = void (Session::*)(Request&);
    struct Verb {
        std::uint8_t type;
        Run run;
        bool changes; // something of the files
    };
    struct Extension {
        Bytes name, version;
        Run run;
        bool changes;
    };
    static const std::vector<Verb>& verbs();
    static const std::vector<Extension>& extensions();

    static void begin(std::string& out);
    void perform(Request& request, Run run, bool changes);

    // Files.
    void open(Request& request);
    void close(Request& request);
    void read(Request& request);
    void write(Request& request);
    void fstat(Request& request);
    void fsetstat(Request& request);
    // Paths.
    void stat(Request& request);
    void lstat(Request& request);
    void setstat(Request& request);
    void opendir(Request& request);
    void readdir(Request& request);
    void remove(Request& request);
    void mkdir(Request& request);
    void rmdir(Request& request);
    void realpath(Request& request);
    void rename(Request& request);
    void readlink(Request& request);
    void symlink(Request& request);
    // Extensions.
    void extended(Request& request);
    void posixRename(Request& request);
    void statvfs(Request& request);
    void fstatvfs(Request& request);
    void hardlink(Request& request);
    void fsync(Request& request);
    void lsetstat(Request& request);
    void limits(Request& request);
    void expandPath(Request& request);
    void copyData(Request& request);
    void usersGroups(Request& request);

    // Answers.
    static void status(Request& request, Code code, Bytes text);
    static void failed(Request& request, const Error& error);
    static void done(Request& request, const Result<void>& result);
    static void attributes(Request& request, const Result<files::FileInfo>& info);
    static void name(Request& request, Bytes name, const Attributes& attributes);
    static void disk(Request& request, const Result<files::FileSystem>& disk);
    void handle(Request& request, Handle made);

    /// Reads a path; nothing: it was answered.
    std::optional<std::string> path(Request& request);
    std::optional<std::pair<std::string, std::string>> twoPaths(Request& request);
    std::optional<Attributes> wanted(Request& request);
    /// The same of a handle, of a file where `file`.
    Handle* opened(Request& request, bool file);
    Result<void> change(int fd, const Attributes& wanted);
    Result<void> changePath(const std::string& path, const Attributes& wanted);

    std::shared_ptr<const files::FileTree> tree_;
    SessionOptions options_;
    bool begun_ = false;
    std::map<std::uint32_t, Handle> handles_;
    std::uint32_t lastHandle_ = 0;
};

} // namespace twistdpp::sftp
