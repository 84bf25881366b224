#include "twistdpp/homes/homes.h"

#include <gtest/gtest.h>

namespace twistdpp::homes {
namespace {

TEST(Homes, TheNameOfAUserIsThatOfAFolderAndNoMore) {
    EXPECT_EQ(folderOf("/srv/{user}/files/{user}", AvatarId("joe")).value(), "/srv/joe/files/joe");
    EXPECT_EQ(folderOf("", AvatarId("joe")).value(), std::string("/home") + "/joe");
    EXPECT_EQ(folderOf("/srv/{user}", AvatarId("{user}")).value(), "/srv/{user}");
    for (const std::string& name :
         {std::string("../etc"), std::string(".."), std::string("a/b"), std::string(".ssh"),
          std::string("a\0b", 3), std::string(300, 'a')})
        EXPECT_FALSE(folderOf("/srv/{user}", AvatarId(name))) << name;
    AvatarId system("joe");
    system.add("home", "/export/joe");
    EXPECT_EQ(folderOf("", system).value(), "/export/joe");
    EXPECT_EQ(folderOf("/srv/{user}", system).value(), "/srv/joe");
}

} // namespace
} // namespace twistdpp::homes
