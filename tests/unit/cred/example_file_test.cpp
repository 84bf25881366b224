#include "twistdpp/cred/password_file.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace twistdpp {

namespace {

// Ninja names sources relative to the build folder, two levels above the folder of the test's binary.
std::filesystem::path sourceFolder() {
    const auto build = std::filesystem::canonical("/proc/self/exe").parent_path() / "../..";
    return build / std::filesystem::path(__FILE__).parent_path() / "../../..";
}

} // namespace

// The file that users copy must be right in every line.
TEST(PasswordsExample, EveryUserHasThePasswordThatItNames) {
    const std::string path = (sourceFolder() / "config/passwords.example").string();
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    std::stringstream text;
    text << file.rdbuf();
    const auto table = parsePasswordFile(text.str(), path);
    ASSERT_TRUE(table) << table.error().message();
    EXPECT_TRUE(table->warnings.empty());
    EXPECT_EQ(table->entries.size(), 5U);
    for (const auto& [name, hash] : table->entries)
        EXPECT_TRUE(hash.matches("example")) << name;
}

} // namespace twistdpp
