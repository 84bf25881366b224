#include "twistdpp/daemon/symbols.h"

#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp {
namespace {

__attribute__((noinline)) int aFunctionOfOurOwn(int value) {
    return value + 1;
}

TEST(SymbolTable, NamesFunctionsThatNobodyExports) {
    SymbolTable symbols;
    const auto address = reinterpret_cast<std::uintptr_t>(&aFunctionOfOurOwn);
    EXPECT_EQ(symbols.name(address), "twistdpp::(anonymous namespace)::aFunctionOfOurOwn(int)");
    EXPECT_EQ(symbols.name(address + 1), symbols.name(address)) << "any address inside it";
}

TEST(SymbolTable, NamesALibraryOrNothingForTheRest) {
    SymbolTable symbols;
    EXPECT_EQ(symbols.name(1), "[unknown]");
    EXPECT_FALSE(symbols.ownCode().empty());
}

} // namespace
} // namespace twistdpp
