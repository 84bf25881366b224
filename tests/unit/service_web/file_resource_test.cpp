// Files and folders as web resources: what is sent, for which name, and what never is.
#include "file_world.h"

#include "twistdpp/http/date.h"

#include <ctime>

namespace twistdpp::web {
namespace {

using std::filesystem::create_directory;
using std::filesystem::create_symlink;

std::string text(std::size_t size) {
    std::string out;
    while (out.size() < size)
        out += "the same line again\n";
    out.resize(size);
    return out;
}

TEST(FileResource, SendsAFileWithItsTypeAndValidators) {
    FileWorld w;
    w.put("a.html", "<p>hi");
    for (int i = 0; i < 2; ++i) { // made anew, then from the cache
        const auto answer = w.get("/a.html");
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "<p>hi");
        EXPECT_EQ(answer.field("Content-Type"), "text/html; charset=utf-8");
        EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(answer.field("Accept-Ranges"), "bytes");
        EXPECT_EQ(answer.field("Last-Modified").size(), 29U);
        EXPECT_GT(answer.field("ETag").size(), 4U);
        EXPECT_EQ(answer.field("Vary"), "Accept-Encoding");
    }
    EXPECT_EQ(w.resource->cache().entries(), 1U);
    EXPECT_EQ(w.get("/a.html?version=2").body, "<p>hi");
    EXPECT_EQ(w.resource->cache().entries(), 1U);
}

TEST(FileResource, KnowsMediaTypes) {
    FileWorld w;
    for (const auto& [name, type] : std::vector<std::pair<std::string, std::string>>{
             {"a.css", "text/css; charset=utf-8"},
             {"a.png", "image/png"},
             {"a.svg", "image/svg+xml"},
             {"a.PDF", "application/pdf"},
             {"README", "application/octet-stream"}}) {
        w.put(name, "x");
        EXPECT_EQ(w.get("/" + name).field("Content-Type"), type) << name;
    }
}

TEST(FileResource, HeadSaysWhatGetWouldAndIgnoresRange) {
    FileWorld w;
    w.put("a.txt", "0123456789");
    const auto head = w.world.head("/a.txt", "Range: bytes=2-3\r\n");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("Content-Length"), "10");
    EXPECT_EQ(head.field("ETag"), w.get("/a.txt").field("ETag"));
}

TEST(FileResource, LargeFilesLeaveAsFiles) {
    FileWorld w;
    const std::string big = text(100'000);
    w.put("big.bin", big);
    const auto client = w.world.connect();
    client->receive("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\nGET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_EQ(client->files().size(), 2U);
    EXPECT_EQ(client->files()[0].file, client->files()[1].file);
    const auto answers = http::readAnswers(client->value());
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[1].body, big);
}

TEST(FileResource, AFileThatShrinksDuringASendAborts) {
    FileWorld w;
    w.put("big.bin", text(100'000));
    const auto client = w.world.connect();
    client->receive("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    client->takeValue();
    std::filesystem::resize_file(w.folder / "big.bin", 50'000);
    client->receive("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(client->aborted());
    w.later();
    EXPECT_EQ(w.get("/big.bin").body.size(), 50'000U);
}

TEST(FileResource, ChangesAreNoticedWithinASecond) {
    for (const std::size_t size : {10U, 100'000U}) {
        FileWorld w;
        w.put("a.txt", text(size), 100);
        const auto first = w.get("/a.txt");
        EXPECT_EQ(first.body.size(), size);
        w.put("new", text(size + 3), 50);
        std::filesystem::rename(w.folder / "new", w.folder / "a.txt");
        w.later();
        EXPECT_EQ(w.get("/a.txt").body.size(), size + 3);
        EXPECT_NE(w.get("/a.txt").field("ETag"), first.field("ETag"));
        w.put("a.txt", text(size * 2), 40);
        w.later();
        EXPECT_EQ(w.get("/a.txt").body.size(), size * 2);
        w.put("a.txt", text(size * 2), 30); // the same size at another time
        w.later();
        EXPECT_NE(w.get("/a.txt").field("ETag"), first.field("ETag"));
        std::filesystem::remove(w.folder / "a.txt");
        w.later();
        EXPECT_EQ(w.get("/a.txt").status, 404);
        create_directory(w.folder / "a.txt");
        w.later();
        EXPECT_EQ(w.get("/a.txt").status, 301);
    }
}

TEST(FileResource, TheDateOfAKeptAnswerIsNew) {
    FileWorld w;
    w.put("a.txt", "x");
    for (int i = 0; i < 3; ++i) {
        const auto answer = w.get("/a.txt");
        EXPECT_EQ(answer.field("Date"), std::string(w.world.site.dateText()));
        w.later();
    }
}

// Conditions (RFC 9110 13)

TEST(FileResource, WeighsConditionsInTheirOrder) {
    FileWorld w;
    w.put("a.txt", "0123456789");
    const auto plain = w.get("/a.txt");
    const std::string etag = plain.field("ETag");
    const std::string date = plain.field("Last-Modified");
    const std::string old = "Mon, 01 Jan 2001 00:00:00 GMT";
    const auto status = [&](const std::string& fields) { return w.get("/a.txt", fields).status; };
    EXPECT_EQ(status("If-None-Match: " + etag + "\r\n"), 304);
    EXPECT_EQ(status("If-None-Match: W/" + etag + "\r\n"), 304);
    EXPECT_EQ(status("If-None-Match: \"x,y\", " + etag + "\r\n"), 304);
    EXPECT_EQ(status("If-None-Match: *\r\n"), 304);
    EXPECT_EQ(status("If-None-Match: \"x\"\r\n"), 200);
    EXPECT_EQ(status("If-Modified-Since: " + date + "\r\n"), 304);
    EXPECT_EQ(status("If-Modified-Since: " + old + "\r\n"), 200);
    EXPECT_EQ(status("If-None-Match: \"x\"\r\nIf-Modified-Since: " + date + "\r\n"), 200);
    EXPECT_EQ(status("If-Match: \"x\"\r\n"), 412);
    EXPECT_EQ(status("If-Match: W/" + etag + "\r\n"), 412);
    EXPECT_EQ(status("If-Match: " + etag + "\r\n"), 200);
    EXPECT_EQ(status("If-Match: " + etag + "\r\nIf-Unmodified-Since: " + old + "\r\n"), 200);
    EXPECT_EQ(status("If-Unmodified-Since: " + old + "\r\n"), 412);
    EXPECT_EQ(status("If-Match: \"x\"\r\nIf-None-Match: " + etag + "\r\n"), 412);
    EXPECT_EQ(status("If-None-Match: " + etag + "\r\nRange: bytes=0-1\r\n"), 304);
    EXPECT_EQ(w.world.head("/a.txt", "If-None-Match: " + etag + "\r\n").status, 304);
}

TEST(FileResource, NotModifiedRepeatsWhatCachesNeedAndNothingElse) {
    FileWorld w;
    w.put("a.txt", "x");
    w.world.site.setHeaders({{"Cache-Control", "max-age=60"}});
    const auto answer = w.get("/a.txt", "If-None-Match: *\r\n");
    EXPECT_EQ(answer.status, 304);
    EXPECT_TRUE(
        answer.has("ETag") && answer.has("Vary") && answer.has("Date") && answer.has("Cache-Control")
    );
    EXPECT_FALSE(answer.has("Content-Length") || answer.has("Content-Type"));
}

// Ranges (RFC 9110 14)

TEST(FileResource, SendsRanges) {
    for (const std::size_t size : {10U, 100'000U}) { // from memory and from the file
        FileWorld w;
        std::string content = text(size);
        content.replace(0, 4, "ABCD");
        w.put("a.bin", content);
        const std::string all = "/" + std::to_string(size);
        const auto range = [&](const std::string& value) {
            return w.get("/a.bin", "Range: " + value + "\r\n");
        };
        const auto one = range("bytes=1-2");
        EXPECT_EQ(one.status, 206);
        EXPECT_EQ(one.body, "BC");
        EXPECT_EQ(one.field("Content-Range"), "bytes 1-2" + all);
        EXPECT_EQ(range("bytes=-3").body, content.substr(size - 3));
        EXPECT_EQ(range("bytes=" + std::to_string(size - 1) + "-").body, content.substr(size - 1));
        EXPECT_EQ(range("bytes=-999999").body, content);
        EXPECT_EQ(range("bytes=0-999999").body, content);
        const auto bad = range("bytes=" + std::to_string(size) + "-");
        EXPECT_EQ(bad.status, 416);
        EXPECT_EQ(bad.field("Content-Range"), "bytes *" + all);
        EXPECT_EQ(range("lines=1-2").status, 200);
        EXPECT_EQ(range("bytes=5-1").status, 200);
        EXPECT_EQ(range("bytes=0-3,2-5").body, content.substr(0, 6));
        const auto many = range("bytes=0-0,3-3,-1");
        EXPECT_EQ(many.status, 206);
        const std::string type = many.field("Content-Type");
        ASSERT_EQ(type.substr(0, 31), "multipart/byteranges; boundary=");
        EXPECT_NE(
            many.body.find("\r\nContent-Range: bytes 3-3" + all + "\r\n\r\nD\r\n--"), std::string::npos
        );
        EXPECT_EQ(many.body.substr(many.body.size() - 4), "--\r\n");
    }
}

TEST(FileResource, IfRangeGuardsARange) {
    FileWorld w;
    w.put("a.txt", "0123456789");
    const auto plain = w.get("/a.txt");
    const auto status = [&](const std::string& validator) {
        return w.get("/a.txt", "Range: bytes=0-1\r\nIf-Range: " + validator + "\r\n").status;
    };
    EXPECT_EQ(status(plain.field("ETag")), 206);
    EXPECT_EQ(status("W/" + plain.field("ETag")), 200);
    EXPECT_EQ(status("\"other\""), 200);
    EXPECT_EQ(status(plain.field("Last-Modified")), 206);
    EXPECT_EQ(status("Mon, 01 Jan 2001 00:00:00 GMT"), 200);
}

TEST(FileResource, AnEmptyFileIsWholeWhateverTheRange) {
    FileWorld w;
    w.put("empty.txt", "");
    EXPECT_EQ(w.get("/empty.txt").field("Content-Length"), "0");
    EXPECT_EQ(w.get("/empty.txt", "Range: bytes=0-\r\n").status, 200);
}

// Methods

TEST(FileResource, IsReadOnly) {
    FileWorld w;
    w.put("a.txt", "x");
    for (const std::string method : {"POST", "PUT", "DELETE", "TRACE", "PATCH", "PROPFIND"}) {
        const auto answer = w.world.ask(method + " /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(answer.status, 405) << method;
        EXPECT_EQ(answer.field("Allow"), "GET, HEAD, OPTIONS") << method;
    }
    EXPECT_EQ(w.world.ask("BREW /a.txt HTTP/1.1\r\nHost: a\r\n\r\n").status, 501);
    EXPECT_EQ(w.world.ask("OPTIONS /a.txt HTTP/1.1\r\nHost: a\r\n\r\n").status, 204);
    EXPECT_EQ(w.world.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
}

// Names

TEST(FileResource, NamesNeedNotBeUtf8) {
    FileWorld w;
    w.put("caf\xe9", "latin");
    w.put("sp ace#?&.txt", "odd");
    EXPECT_EQ(w.get("/caf%E9").body, "latin");
    EXPECT_EQ(w.get("/sp%20ace%23%3F&.txt").body, "odd");
    EXPECT_EQ(w.get("/caf%00").status, 400);
    EXPECT_EQ(w.get("/" + std::string(300, 'a')).status, 414);
}

TEST(FileResource, NothingOutsideTheRootExists) {
    FileWorld w;
    std::ofstream(w.top / "secret") << "secret";
    create_directory(w.folder / "sub");
    w.put("sub/in", "in");
    create_symlink("../secret", w.folder / "out");
    create_symlink(w.top / "secret", w.folder / "absolute");
    create_symlink("sub/in", w.folder / "inside");
    create_symlink("..", w.folder / "up");
    for (const char* target :
         {"/../secret", "/%2e%2e/secret", "/sub/../../secret", "/out", "/absolute", "/up/secret",
          "/..%2fsecret"}) {
        const int status = w.get(target).status;
        EXPECT_TRUE(status == 400 || status == 404) << target << " " << status;
    }
    EXPECT_EQ(w.get("/inside").body, "in");
    // A link that is turned outwards while its answer is kept.
    std::filesystem::remove(w.folder / "inside");
    create_symlink("../secret", w.folder / "inside");
    w.later();
    EXPECT_EQ(w.get("/inside").status, 404);
    // Listings tell nothing about what lies outside.
    EXPECT_EQ(w.get("/?format=json").body.find("\"out\""), std::string::npos);
}

TEST(FileResource, LinksFollowThePolicy) {
    VisibilityPolicy policy;
    policy.links = VisibilityPolicy::Links::none;
    FileWorld none({}, policy);
    none.put("a", "x");
    create_symlink("a", none.folder / "link");
    EXPECT_EQ(none.get("/link").status, 404);
    EXPECT_EQ(none.get("/?format=json").body.find("link"), std::string::npos);
    policy.links = VisibilityPolicy::Links::follow;
    FileWorld follow({}, policy);
    std::ofstream(follow.top / "beside") << "beside";
    create_symlink("../beside", follow.folder / "link");
    EXPECT_EQ(follow.get("/link").body, "beside");
    EXPECT_NE(follow.get("/?format=json").body.find("link"), std::string::npos);
}

TEST(FileResource, HiddenNamesExistOnlyWhenAskedFor) {
    FileWorld w;
    w.put(".secret", "x");
    create_directory(w.folder / ".git");
    w.put(".git/config", "x");
    create_directory(w.folder / ".well-known");
    w.put(".well-known/a", "known");
    EXPECT_EQ(w.get("/.secret").status, 404);
    EXPECT_EQ(w.get("/.git/config").status, 404);
    EXPECT_EQ(w.get("/.well-known/a").body, "known");
    EXPECT_EQ(w.get("/").body.find(".secret"), std::string::npos);
    VisibilityPolicy policy;
    policy.hidden = true;
    w.serve(w.folder.string(), {}, policy);
    EXPECT_EQ(w.get("/.secret").body, "x");
}

TEST(FileResource, WhatIsNoFileIs403) {
    FileWorld w;
    ASSERT_EQ(::mkfifo((w.folder / "pipe").c_str(), 0644), 0);
    EXPECT_EQ(w.get("/pipe").status, 403);
    VisibilityPolicy policy;
    policy.links = VisibilityPolicy::Links::follow;
    w.serve(w.folder.string(), {}, policy);
    create_symlink("/dev/zero", w.folder / "device");
    EXPECT_EQ(w.get("/device").status, 403);
    EXPECT_EQ(w.get("/").body.find("pipe"), std::string::npos);
}

// Folders

TEST(FileResource, AFolderWithoutItsSlashIsRedirectedInsideThisServer) {
    FileWorld w;
    create_directory(w.folder / "dir");
    create_directory(w.folder / "evil.example");
    const auto answer = w.get("/dir?a=b&c");
    EXPECT_EQ(answer.status, 301);
    EXPECT_EQ(answer.field("Location"), "/dir/?a=b&c");
    EXPECT_EQ(w.get("//evil.example").field("Location"), "/evil.example/");
    EXPECT_EQ(w.get("http://other/dir").field("Location"), "/dir/");
    EXPECT_EQ(w.get("/dir/").status, 200);
    w.put("file", "x");
    EXPECT_EQ(w.get("/file/").status, 404);
}

TEST(FileResource, TheFirstIndexIsServed) {
    FileWorld w;
    w.put("index.htm", "third");
    EXPECT_EQ(w.get("/").body, "third");
    w.put("index.html", "second");
    w.later();
    EXPECT_EQ(w.get("/").body, "second");
    EXPECT_EQ(w.get("/").field("Content-Type"), "text/html; charset=utf-8");
    FileOptions options;
    options.indexNames = {"start.txt"};
    options.listings = false;
    w.serve(w.folder.string(), options);
    EXPECT_EQ(w.get("/").status, 403);
    w.put("start.txt", "mine");
    EXPECT_EQ(w.get("/").body, "mine");
}

TEST(FileResource, AnIndexThatMayNotBeReadIsNoReasonToListTheRest) {
    FileWorld w;
    w.put("secret.txt", "x");
    ASSERT_EQ(::mkfifo((w.folder / "index.html").c_str(), 0600), 0); // refused to root as well
    const auto answer = w.get("/");
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.body.find("secret.txt"), std::string::npos);
}

TEST(FileResource, FilesFromTheFutureAreNotToldToBe) {
    FileWorld w;
    w.put("soon.txt", "a");
    w.put("far.txt", "b");
    const auto change = [&](const char* name, std::time_t seconds) {
        const timespec times[2] = {{seconds, 0}, {seconds, 0}};
        ASSERT_EQ(::utimensat(AT_FDCWD, (w.folder / name).c_str(), times, 0), 0);
    };
    change("soon.txt", std::time(nullptr) + 3600);
    change("far.txt", 13'569'465'600); // 2400: more nanoseconds than 64 bits hold
    for (const std::string name : {"/soon.txt", "/far.txt"}) {
        const auto answer = w.get(name);
        EXPECT_EQ(answer.status, 200);
        const auto modified = http::parseDate(answer.field("Last-Modified"), 0);
        const auto date = http::parseDate(answer.field("Date"), 0);
        ASSERT_TRUE(modified && date) << answer.head;
        EXPECT_LE(*modified, *date) << name;
        EXPECT_GE(*modified, *date - 5) << name;
    }
}

TEST(FileResource, ExtensionsMayBeLeftOut) {
    FileOptions options;
    options.ignoredExtensions = {".html", "txt"};
    FileWorld w(options);
    w.put("a.txt", "text");
    EXPECT_EQ(w.get("/a").body, "text");
    EXPECT_EQ(w.get("/a").field("Content-Type"), "text/plain; charset=utf-8");
    w.put("a.html", "page");
    w.later();
    EXPECT_EQ(w.get("/a").body, "page");
    w.put("b.png", "x");
    EXPECT_EQ(w.get("/b").status, 404);
    EXPECT_EQ(w.get("/a/").status, 404);
    options.ignoredExtensions = {"*"};
    w.serve(w.folder.string(), options);
    EXPECT_EQ(w.get("/b").field("Content-Type"), "image/png");
    EXPECT_EQ(w.get("/a").body, "page");
}

TEST(FileResource, ARootMayBeOneFile) {
    FileWorld w;
    w.put("report.html", "report");
    w.serve((w.folder / "report.html").string());
    EXPECT_EQ(w.get("/").body, "report");
    EXPECT_EQ(w.get("/").field("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(w.get("/report.html").status, 404);
}

TEST(ServedRoot, OneInAFolderIsUnderThePolicyItself) {
    FileWorld w;
    create_directory(w.top / "home");
    create_directory(w.top / "home/site");
    create_symlink("site", w.top / "home/inside");
    create_symlink("../root", w.top / "home/outside");
    const auto opens = [&](const std::string& name, VisibilityPolicy::Links links) {
        VisibilityPolicy policy;
        policy.links = links;
        return bool(ServedRoot::openIn((w.top / "home").string(), name, policy));
    };
    using Links = VisibilityPolicy::Links;
    EXPECT_TRUE(opens("site", Links::none));
    EXPECT_FALSE(opens("inside", Links::none));
    EXPECT_TRUE(opens("inside", Links::beneath));
    EXPECT_FALSE(opens("outside", Links::beneath));
    EXPECT_TRUE(opens("outside", Links::follow));
    EXPECT_FALSE(opens("missing", Links::follow));
}

TEST(FileResource, ARootThatCannotBeServedSaysWhy) {
    const auto root = ServedRoot::open("/nowhere/at/all", {});
    ASSERT_FALSE(root);
    EXPECT_EQ(root.error().message(), "cannot serve /nowhere/at/all: No such file or directory");
    EXPECT_FALSE(ServedRoot::open("/dev/null", {}));
}

} // namespace
} // namespace twistdpp::web
