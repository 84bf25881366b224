#include "twistdpp/sftp/session.h"

#include "support/scratch_folder.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp::sftp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

/// An answer, taken apart.
struct Answer {
    std::uint8_t type = 0;
    std::uint32_t id = 0;
    std::string rest;

    std::uint32_t code() const { return type == 101 ? WireReader(rest).number() : 99; }
};

constexpr std::uint32_t kOk = 0, kEof = 1, kNoSuchFile = 2, kDenied = 3, kFailure = 4, kBadMessage = 5,
                        kUnsupported = 8;

/// What a client sends.
std::string packet(std::uint8_t type, const std::function<void(WireWriter&)>& fill, std::uint32_t id = 7) {
    std::string out;
    WireWriter writer(out);
    writer.byte(type).number(id);
    fill(writer);
    return out;
}

std::string attributesOf(const std::function<void(Attributes&)>& fill = [](Attributes&) {}) {
    Attributes attributes;
    fill(attributes);
    std::string out;
    WireWriter writer(out);
    attributes.write(writer);
    return out;
}

class SftpSession : public testing::Test {
protected:
    explicit SftpSession(SessionOptions options = SessionOptions()) {
        fs::create_directories(root() + "/in");
        folder.write("root/in/file", "hello");
        folder.write("secret", "outside");
        fs::create_symlink("../secret", root() + "/out");
        fs::create_symlink("in/file", root() + "/link");
        session.emplace(*files::FileTree::open(root()), options);
        std::string out;
        EXPECT_TRUE(session->answer(std::string("\x01\0\0\0\x03", 5), out));
        greeting = out;
    }
    std::string root() const { return folder.path() + "/root"; }
    std::string content(const std::string& name) const {
        std::ifstream file(root() + "/" + name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    /// One request, one answer, and nothing else.
    Answer ask(std::uint8_t type, const std::function<void(WireWriter&)>& fill) {
        std::string out;
        EXPECT_TRUE(session->answer(packet(type, fill), out));
        WireReader reader(out);
        const Bytes whole = reader.string();
        EXPECT_TRUE(reader.good() && reader.rest().empty()) << out.size();
        WireReader in(whole);
        Answer answer;
        answer.type = in.byte();
        answer.id = in.number();
        answer.rest = in.rest();
        EXPECT_EQ(answer.id, 7U);
        return answer;
    }
    Answer ask(std::uint8_t type, Bytes name) {
        return ask(type, [&](WireWriter& to) { to.string(name); });
    }
    Answer extended(Bytes name, const std::function<void(WireWriter&)>& fill) {
        return ask(200, [&](WireWriter& to) {
            to.string(name);
            fill(to);
        });
    }
    std::string open(Bytes name, std::uint32_t flags, std::string attributes = attributesOf()) {
        const Answer answer = ask(3, [&](WireWriter& to) {
            to.string(name).number(flags);
            for (const char c : attributes)
                to.byte(static_cast<std::uint8_t>(c));
        });
        EXPECT_EQ(answer.type, 102) << answer.code();
        WireReader in(answer.rest);
        return std::string(in.string());
    }
    Answer read(Bytes handle, std::uint64_t offset, std::uint32_t length) {
        return ask(5, [&](WireWriter& to) { to.string(handle).largeNumber(offset).number(length); });
    }
    Answer write(Bytes handle, std::uint64_t offset, Bytes data) {
        return ask(6, [&](WireWriter& to) { to.string(handle).largeNumber(offset).string(data); });
    }

    test::ScratchFolder folder;
    std::optional<Session> session;
    std::string greeting;
};

TEST_F(SftpSession, BeginsWithTheVersionAndWhatThereIsBesides) {
    WireReader reader(greeting);
    WireReader in(reader.string());
    EXPECT_EQ(in.byte(), 2);
    EXPECT_EQ(in.number(), 3U);
    std::vector<std::string> names;
    while (!in.rest().empty() && in.good()) {
        names.emplace_back(in.string());
        in.string();
    }
    EXPECT_TRUE(in.good());
    EXPECT_THAT(names, testing::Contains("posix-rename@openssh.com"));
    EXPECT_THAT(names, testing::Contains("copy-data"));
}

TEST_F(SftpSession, WhatIsNoPacketEndsIt) {
    std::string out;
    Session fresh(*files::FileTree::open(root()));
    EXPECT_FALSE(fresh.answer("", out));
    EXPECT_FALSE(fresh.answer(packet(17, [](WireWriter& to) { to.string("/"); }), out)); // before INIT
    EXPECT_FALSE(session->answer("\x03", out));
    EXPECT_FALSE(session->answer(std::string("\x01\0\0\0\x03", 5), out)); // a second INIT
    EXPECT_EQ(out, "");
}

TEST_F(SftpSession, WhatIsNotKnownIsSaidSo) {
    EXPECT_EQ(ask(99, "").code(), kUnsupported);
    EXPECT_EQ(extended("nothing@example.org", [](WireWriter&) {}).code(), kUnsupported);
    // Cut short: an argument is missing.
    EXPECT_EQ(ask(18, "/in/file").code(), kBadMessage);
    EXPECT_EQ(ask(17, Bytes("a\0b", 3)).code(), kBadMessage);
}

TEST_F(SftpSession, FilesAreReadInPieces) {
    const std::string handle = open("in/file", 1);
    const Answer first = read(handle, 0, 3);
    EXPECT_EQ(first.type, 103);
    EXPECT_EQ(WireReader(first.rest).string(), "hel");
    EXPECT_EQ(WireReader(read(handle, 3, 1000).rest).string(), "lo");
    EXPECT_EQ(read(handle, 5, 1).code(), kEof);
    EXPECT_EQ(read(handle, UINT64_MAX, 1).code(), kBadMessage);
    EXPECT_EQ(write(handle, 0, "x").code(), kFailure); // it is open for reading
    EXPECT_EQ(ask(4, handle).code(), kOk);
    EXPECT_EQ(ask(4, handle).code(), kFailure);
    EXPECT_EQ(read(handle, 0, 1).code(), kFailure);
    EXPECT_EQ(read("nonsense", 0, 1).code(), kFailure);
}

TEST_F(SftpSession, OneAnswerHasNoMoreThanItsLimit) {
    folder.write("root/large", std::string(Session::kMostData + 10, 'x'));
    const std::string handle = open("/large", 1);
    EXPECT_EQ(WireReader(read(handle, 0, UINT32_MAX).rest).string().size(), Session::kMostData);
    EXPECT_EQ(WireReader(read(handle, Session::kMostData, UINT32_MAX).rest).string().size(), 10U);
}

TEST_F(SftpSession, FilesAreWrittenMadeAndCutAsTheFlagsSay) {
    // WRITE | CREAT | EXCL, with permissions of which the umask takes some.
    const std::string fresh =
        open("/new", 2 | 8 | 32, attributesOf([](Attributes& a) { a.permissions = 0666; }));
    EXPECT_EQ(write(fresh, 0, "abc").code(), kOk);
    EXPECT_EQ(write(fresh, 5, "z").code(), kOk);
    EXPECT_EQ(ask(4, fresh).code(), kOk);
    EXPECT_EQ(content("new"), std::string("abc\0\0z", 6));
    struct stat status {};
    ASSERT_EQ(::stat((root() + "/new").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0644U);
    const auto again = [&](std::uint32_t flags) {
        return ask(3, [&](WireWriter& to) { to.string("/new").number(flags).number(0); });
    };
    EXPECT_EQ(again(2 | 8 | 32).code(), kFailure);
    EXPECT_EQ(again(8).code(), kBadMessage); // neither to read nor to write
    EXPECT_EQ(again(2 | 8 | 16).type, 102);  // TRUNC
    EXPECT_EQ(content("new"), "");
    const std::string end = open("/in/file", 2 | 4); // APPEND
    EXPECT_EQ(write(end, 0, "!").code(), kOk);
    EXPECT_EQ(content("in/file"), "hello!");
    EXPECT_EQ(ask(3, [](WireWriter& to) { to.string("/in").number(1).number(0); }).code(), kFailure);
    EXPECT_EQ(ask(3, [](WireWriter& to) { to.string("/none").number(1).number(0); }).code(), kNoSuchFile);
}

TEST_F(SftpSession, NothingLeadsOut) {
    for (const char* path : {"/out", "/../secret", "../../secret", "/in/../../secret"}) {
        EXPECT_EQ(ask(17, path).code(), kNoSuchFile) << path;
        EXPECT_EQ(ask(3, [&](WireWriter& to) { to.string(path).number(1).number(0); }).code(), kNoSuchFile);
    }
    // A link of the client's own leads no further, though it may say what it likes.
    EXPECT_EQ(ask(20, [](WireWriter& to) { to.string("/etc/passwd").string("/mine"); }).code(), kOk);
    EXPECT_EQ(ask(17, "/mine").code(), kNoSuchFile);
    const Answer said = ask(19, "/mine");
    WireReader in(said.rest);
    in.number();
    EXPECT_EQ(in.string(), "/etc/passwd");
}

TEST_F(SftpSession, AttributesAreToldAndChanged) {
    const auto attributes = [&](std::uint8_t type, Bytes path) {
        const Answer answer = ask(type, path);
        EXPECT_EQ(answer.type, 105) << path;
        WireReader in(answer.rest);
        return Attributes::read(in);
    };
    EXPECT_EQ(attributes(17, "/link").permissions.value() & S_IFMT, static_cast<unsigned>(S_IFREG));
    EXPECT_EQ(attributes(7, "/link").permissions.value() & S_IFMT, static_cast<unsigned>(S_IFLNK));
    const std::string wanted = attributesOf([](Attributes& a) {
        a.size = 3;
        a.permissions = 0640;
        a.times = Attributes::Times{1'000'000'000, 1'100'000'000};
    });
    EXPECT_EQ(
        ask(9,
            [&](WireWriter& to) {
                to.string("/in/file");
                for (const char c : wanted)
                    to.byte(static_cast<std::uint8_t>(c));
            }
        ).code(),
        kOk
    );
    const Attributes now = attributes(17, "/in/file");
    EXPECT_EQ(now.size, 3U);
    EXPECT_EQ(now.permissions.value() & 07777, 0640U);
    EXPECT_EQ(now.times->modified, 1'100'000'000U);
    EXPECT_EQ(content("in/file"), "hel");
}

TEST_F(SftpSession, FoldersAreListedWithTheirDots) {
    const Answer opened = ask(11, "/");
    WireReader in(opened.rest);
    const std::string handle(in.string());
    const Answer answer = ask(12, handle);
    EXPECT_EQ(answer.type, 104);
    WireReader names(answer.rest);
    std::vector<std::string> all;
    for (std::uint32_t left = names.number(); left > 0; --left) {
        all.emplace_back(names.string());
        EXPECT_THAT(std::string(names.string()), HasSubstr(all.back()));
        Attributes::read(names);
    }
    EXPECT_TRUE(names.good() && names.rest().empty());
    EXPECT_THAT(all, ElementsAre(".", "..", "in", "link", "out"));
    EXPECT_EQ(ask(12, handle).code(), kEof);
    EXPECT_EQ(ask(4, handle).code(), kOk);
    EXPECT_EQ(ask(11, "/in/file").code(), kNoSuchFile);
}

TEST_F(SftpSession, OnlyPosixRenameTakesTheirPlace) {
    folder.write("root/other", "other");
    const auto both = [](WireWriter& to) { to.string("/other").string("/in/file"); };
    EXPECT_EQ(ask(18, both).code(), kFailure);
    EXPECT_EQ(content("in/file"), "hello");
    EXPECT_EQ(extended("posix-rename@openssh.com", both).code(), kOk);
    EXPECT_EQ(content("in/file"), "other");
    EXPECT_EQ(ask(18, [](WireWriter& to) { to.string("/in/file").string("/moved"); }).code(), kOk);
    EXPECT_EQ(content("moved"), "other");
}

TEST_F(SftpSession, FoldersAreMadeAndTakenAway) {
    EXPECT_EQ(ask(14, [](WireWriter& to) { to.string("/made").number(0); }).code(), kOk);
    EXPECT_EQ(ask(14, [](WireWriter& to) { to.string("/made").number(0); }).code(), kFailure);
    EXPECT_EQ(ask(15, "/made").code(), kOk);
    EXPECT_EQ(ask(15, "/in").code(), kFailure); // not empty
    EXPECT_EQ(ask(13, "/in/file").code(), kOk);
    EXPECT_EQ(ask(13, "/in/file").code(), kNoSuchFile);
}

TEST_F(SftpSession, PathsAreMadePlain) {
    const auto plain = [&](const Answer& answer) {
        WireReader in(answer.rest);
        in.number();
        return std::string(in.string());
    };
    EXPECT_EQ(plain(ask(16, ".")), "/");
    EXPECT_EQ(plain(ask(16, "in/../none/x/")), "/none/x"); // it need not be there
    const auto expand = [&](Bytes path) {
        return extended("expand-path@openssh.com", [&](WireWriter& to) { to.string(path); });
    };
    EXPECT_EQ(plain(expand("~/in")), "/in");
    EXPECT_EQ(plain(expand("~")), "/");
    EXPECT_EQ(expand("~root/x").code(), kNoSuchFile);
}

TEST_F(SftpSession, Extensions) {
    folder.write("root/copy", "");
    const std::string from = open("/in/file", 1);
    const std::string to = open("/copy", 2);
    const auto copy = [&](Bytes a, Bytes b, std::uint64_t length) {
        return extended("copy-data", [&](WireWriter& out) {
            out.string(a).largeNumber(1).largeNumber(length).string(b).largeNumber(0);
        });
    };
    EXPECT_EQ(copy(from, to, 0).code(), kOk);
    EXPECT_EQ(content("copy"), "ello");
    EXPECT_EQ(copy(from, to, 2).code(), kOk);
    EXPECT_EQ(copy(to, to, 2).code(), kBadMessage);
    EXPECT_EQ(extended("fsync@openssh.com", [&](WireWriter& out) { out.string(to); }).code(), kOk);
    EXPECT_EQ(
        extended("hardlink@openssh.com", [](WireWriter& out) { out.string("/copy").string("/same"); }).code(),
        kOk
    );
    EXPECT_TRUE(fs::equivalent(root() + "/copy", root() + "/same"));
    const Answer disk = extended("statvfs@openssh.com", [](WireWriter& out) { out.string("/"); });
    EXPECT_EQ(disk.type, 201);
    EXPECT_EQ(disk.rest.size(), 88U);
    const Answer limits = extended("limits@openssh.com", [](WireWriter&) {});
    WireReader in(limits.rest);
    EXPECT_EQ(in.largeNumber(), Session::kMostPacket);
    EXPECT_EQ(in.largeNumber(), Session::kMostData);
    std::string ids;
    WireWriter(ids).number(0).number(4'000'000'000);
    const Answer names =
        extended("users-groups-by-id@openssh.com", [&](WireWriter& out) { out.string(ids).string(ids); });
    WireReader lists(names.rest);
    WireReader users(lists.string());
    EXPECT_EQ(users.string(), "root");
    EXPECT_EQ(users.string(), "");
    const std::string times = attributesOf([](Attributes& a) { a.times = Attributes::Times{1, 2}; });
    EXPECT_EQ(
        extended(
            "lsetstat@openssh.com",
            [&](WireWriter& out) {
                out.string("/link");
                for (const char c : times)
                    out.byte(static_cast<std::uint8_t>(c));
            }
        ).code(),
        kOk
    );
    struct stat status {};
    ASSERT_EQ(::lstat((root() + "/link").c_str(), &status), 0);
    EXPECT_EQ(status.st_mtime, 2);
}

TEST_F(SftpSession, NotMoreThanSoManyFilesAreOpen) {
    for (std::size_t i = 0; i < Session::kMostHandles; ++i)
        open("/in/file", 1);
    EXPECT_EQ(ask(3, [](WireWriter& to) { to.string("/in/file").number(1).number(0); }).code(), kFailure);
}

class ReadOnly : public SftpSession {
protected:
    ReadOnly() : SftpSession(SessionOptions{false, 022, "/in"}) {}
};

TEST_F(ReadOnly, NothingIsChanged) {
    EXPECT_EQ(WireReader(read(open("file", 1), 0, 9).rest).string(), "hello"); // from where it begins
    EXPECT_EQ(ask(3, [](WireWriter& to) { to.string("file").number(2 | 16).number(0); }).code(), kDenied);
    EXPECT_EQ(ask(13, "file").code(), kDenied);
    EXPECT_EQ(
        extended("posix-rename@openssh.com", [](WireWriter& to) { to.string("file").string("x"); }).code(),
        kDenied
    );
    EXPECT_EQ(content("in/file"), "hello");
}

} // namespace
} // namespace twistdpp::sftp
