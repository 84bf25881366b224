#include "unit/http/site_world.h"

#include "twistdpp/service_web/login/login_resource.h"

#include "twistdpp/base/base64.h"
#include "twistdpp/cred/checker_maker.h"

#include <gmock/gmock.h>

namespace twistdpp::web {
namespace {

using testing::HasSubstr;

TEST(BasicCredentials, AreANameAndAPassword) {
    const auto read = [](Bytes field) {
        const auto got = basicCredentials(field);
        return got ? got->user + "|" + std::string(got->password.bytes()) : "none";
    };
    EXPECT_EQ(read("Basic " + toBase64("joe:secret")), "joe|secret");
    EXPECT_EQ(read("basic  " + toBase64("joe:a:b") + " "), "joe|a:b");
    EXPECT_EQ(read("Basic " + toBase64("joe:")), "joe|");
    for (const std::string& text :
         {std::string("joe"), std::string(":secret"), std::string("joe:a\nb"), std::string("j\0e:a", 5),
          std::string(5000, 'x') + ":y"})
        EXPECT_EQ(read("Basic " + toBase64(text)), "none") << text;
    for (const char* field : {"", "Basic", "Basic ", "Basic !!!", "Bearer am9lOnNlY3JldA==", "Basicam9lOg=="})
        EXPECT_EQ(read(field), "none") << field;
}

BasicCredentials given(const std::string& user, Bytes password) {
    return {user, Secret(password)};
}

TEST(KnownLogins, AreKnownForAWhileAndByTheirPassword) {
    KnownLogins known;
    const TimePoint now{};
    known.add(given("joe", "secret"), {"joe", nullptr}, now);
    ASSERT_TRUE(known.find(given("joe", "secret"), now));
    EXPECT_EQ(known.find(given("joe", "secret"), now)->user, "joe");
    EXPECT_FALSE(known.find(given("joe", "other"), now));
    EXPECT_FALSE(known.find(given("ann", "secret"), now));
    EXPECT_TRUE(known.find(given("joe", "secret"), now + KnownLogins::kGoodFor - Duration(1)));
    EXPECT_FALSE(known.find(given("joe", "secret"), now + KnownLogins::kGoodFor));
}

TEST(KnownLogins, AreNotMoreThanSoMany) {
    KnownLogins known;
    for (std::size_t i = 0; i < 2 * KnownLogins::kMost; ++i)
        known.add(
            given("user" + std::to_string(i), "x"), {"", nullptr}, TimePoint(std::chrono::milliseconds(i))
        );
    EXPECT_EQ(known.size(), KnownLogins::kMost);
    EXPECT_FALSE(known.find(given("user0", "x"), TimePoint()));
    EXPECT_TRUE(known.find(given("user511", "x"), TimePoint()));
}

class LoginResourceTest : public testing::Test {
protected:
    LoginResourceTest() {
        const auto open = [this](const AvatarId& who) -> Deferred<std::shared_ptr<http::Resource>> {
            ++opened;
            if (who.name() == "nofolder")
                return fail<std::shared_ptr<http::Resource>>(std::runtime_error("no folder"));
            return std::shared_ptr<http::Resource>(std::make_shared<http::CoroutineResource>(
                [name = who.name()](const http::RequestPtr& request) {
                    request->respond("files of " + name);
                    return succeed();
                }
            ));
        };
        world.site.setRoot(std::make_shared<LoginResource>(
            world.reactor, *makeCheckers(world.reactor, {"memory:joe:secret:ann:word:nofolder:x"}), open,
            Logger("web")
        ));
    }
    http::Answer get(const std::string& credentials) {
        return world.get(
            "/", credentials.empty() ? "" : "Authorization: Basic " + toBase64(credentials) + "\r\n"
        );
    }

    http::SiteWorld world;
    int opened = 0;
};

TEST_F(LoginResourceTest, WhoSaysNoNameIsAsked) {
    const http::Answer answer = get("");
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.field("WWW-Authenticate"), "Basic realm=\"files\", charset=\"UTF-8\"");
    EXPECT_EQ(opened, 0);
}

TEST_F(LoginResourceTest, EachSeesWhatIsTheirs) {
    EXPECT_EQ(get("joe:secret").body, "files of joe");
    EXPECT_EQ(get("ann:word").body, "files of ann");
    EXPECT_EQ(get("joe:secret").body, "files of joe");
    EXPECT_EQ(opened, 2);
    world.reactor.advance(KnownLogins::kGoodFor);
    EXPECT_EQ(get("joe:secret").body, "files of joe");
    EXPECT_EQ(opened, 3);
}

TEST_F(LoginResourceTest, WithoutAFolderThereIsNothingToSee) {
    const http::Answer answer = get("nofolder:x");
    EXPECT_EQ(answer.status, 403);
    EXPECT_THAT(answer.body, HasSubstr("no files of yours"));
}

} // namespace
} // namespace twistdpp::web
