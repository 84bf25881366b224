// Listings of folders, for people and for programs.
#include "file_world.h"

#include "twistdpp/service_web/static/listing.h"

namespace twistdpp::web {
namespace {

ListedEntry entry(const std::string& name, std::uint64_t size = 0, bool directory = false) {
    ListedEntry made;
    made.name = name;
    made.size = size;
    made.directory = directory;
    return made;
}

TEST(Listing, EscapesNamesInHtml) {
    const std::string page = listingHtml(
        "/<b>/",
        {entry("<script>\"'&"), entry("javascript:x"), entry("a b%"), entry("\xff\xfe"), entry("d", 0, true)},
        ListingOrder()
    );
    EXPECT_EQ(page.find("<script>"), std::string::npos);
    EXPECT_EQ(page.find("<b>"), std::string::npos);
    EXPECT_NE(page.find("&lt;script&gt;&quot;&#39;&amp;</a>"), std::string::npos);
    EXPECT_EQ(page.find("href=\"javascript:"), std::string::npos);
    EXPECT_NE(page.find("href=\"a%20b%25\""), std::string::npos);
    EXPECT_NE(page.find("href=\"%FF%FE\">\xEF\xBF\xBD\xEF\xBF\xBD</a>"), std::string::npos);
    EXPECT_NE(page.find("href=\"d/\">d/</a>"), std::string::npos);
}

TEST(Listing, NamesThatNoPathMayHoldHaveNoLink) {
    const std::string page = listingHtml("/", {entry("line\nbreak"), entry("back\\slash")}, ListingOrder());
    EXPECT_EQ(page.find("%0A"), std::string::npos);
    EXPECT_EQ(page.find("%5C"), std::string::npos);
    EXPECT_NE(page.find("back\\slash</td>"), std::string::npos);
}

TEST(Listing, EscapesNamesInJson) {
    const std::string json =
        listingJson("/a\"/", {entry("q\"\\\n\x01", 3), entry("\xff"), entry("d", 9, true)});
    EXPECT_NE(json.find("\"path\":\"/a\\\"/\""), std::string::npos);
    EXPECT_NE(
        json.find("{\"name\":\"q\\\"\\\\\\u000a\\u0001\",\"type\":\"file\",\"size\":3,"), std::string::npos
    );
    EXPECT_NE(json.find("\"name\":\"\xEF\xBF\xBD\""), std::string::npos);
    EXPECT_NE(json.find("\"href\":\"%FF\""), std::string::npos);
    EXPECT_NE(json.find("\"type\":\"directory\",\"size\":0"), std::string::npos);
}

TEST(Listing, IsNegotiatedAndSorted) {
    FileWorld w;
    w.put("b", "1", 300);
    w.put("a", "22", 200);
    w.put("c", "333", 400);
    std::filesystem::create_directory(w.folder / "z");
    const auto names = [](const std::string& json) {
        std::string out;
        for (auto at = json.find("\"name\":\""); at != std::string::npos;
             at = json.find("\"name\":\"", at + 1))
            out += json[at + 8];
        return out;
    };
    EXPECT_EQ(names(w.get("/?format=json").body), "zabc");
    EXPECT_EQ(names(w.get("/?format=json&sort=size&order=desc").body), "zcab");
    EXPECT_EQ(names(w.get("/?format=json&sort=time").body), "zcba");
    const auto json = w.get("/", "Accept: application/json\r\n");
    EXPECT_EQ(json.field("Content-Type"), "application/json");
    EXPECT_EQ(json.field("Vary"), "Accept");
    EXPECT_EQ(json.field("X-Content-Type-Options"), "nosniff");
    const auto html = w.get("/");
    EXPECT_EQ(html.field("Content-Type"), "text/html; charset=utf-8");
    EXPECT_NE(html.body.find("1 folder, 3 files"), std::string::npos);
    EXPECT_FALSE(w.world.head("/").head.empty());
}

TEST(Listing, EveryLinkOfItLeadsToTheFile) {
    FileWorld w;
    const std::vector<std::string> names{"a b", "q?#&", "per%cent", "caf\xe9", "x:y", "\"quoted\"", "<t>"};
    for (const std::string& name : names)
        w.put(name, name);
    const std::string page = w.get("/").body;
    std::size_t found = 0;
    for (auto at = page.find("class=\"n\"><a href=\""); at != std::string::npos;
         at = page.find("class=\"n\"><a href=\"", at + 1)) {
        const auto begin = at + 19;
        std::string link = page.substr(begin, page.find('"', begin) - begin);
        if (const auto amp = link.find("&amp;"); amp != std::string::npos)
            link.replace(amp, 5, "&");
        const auto answer = w.get("/" + link);
        found += std::count(names.begin(), names.end(), answer.body) == 1 ? 1U : 0U;
    }
    EXPECT_EQ(found, names.size());
}

} // namespace
} // namespace twistdpp::web
