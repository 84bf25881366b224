#include "twistdpp/base/result.h"

#include <cerrno>
#include <gtest/gtest.h>
#include <memory>

namespace twistdpp {

namespace {

Result<int> half(int number) {
    if (number % 2 != 0)
        return Error("half of " + std::to_string(number) + " is no integer");
    return number / 2;
}

struct Base {
    virtual ~Base() = default;
};
struct Derived : Base {};

} // namespace

TEST(Result, HoldsAValue) {
    const Result<int> result = half(8);
    ASSERT_TRUE(result);
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(*result, 4);
    EXPECT_EQ(result.value(), 4);
}

TEST(Result, HoldsTheReasonOfAFailure) {
    const Result<int> result = half(7);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().message(), "half of 7 is no integer");
    EXPECT_EQ(result.error().code(), std::errc::invalid_argument);
}

TEST(Result, GivesAFallbackForAFailure) {
    EXPECT_EQ(half(8).valueOr(-1), 4);
    EXPECT_EQ(half(7).valueOr(-1), -1);
}

TEST(Result, MovesOutWhatCannotBeCopied) {
    Result<std::unique_ptr<int>> result(std::make_unique<int>(3));
    const std::unique_ptr<int> taken = *std::move(result);
    EXPECT_EQ(*taken, 3);
}

TEST(Result, TakesWhateverMakesItsValue) {
    const Result<std::string> text = "literal";
    EXPECT_EQ(text->size(), 7u);
    const Result<std::unique_ptr<Base>> pointer = std::make_unique<Derived>();
    EXPECT_NE(dynamic_cast<Derived*>(pointer->get()), nullptr);
}

TEST(Result, CanBeChangedInPlace) {
    Result<std::string> result = "a";
    result->append("b");
    *result += "c";
    EXPECT_EQ(result.value(), "abc");
}

TEST(Result, OfNothingIsSuccessUnlessToldOtherwise) {
    const Result<void> success;
    EXPECT_TRUE(success);
    const Result<void> failure = Error("disk full");
    EXPECT_FALSE(failure);
    EXPECT_EQ(failure.error().message(), "disk full");
}

TEST(Error, NamesWhatWasTriedAndWhatTheSystemSaid) {
    const Error error = Error::fromErrno(EADDRINUSE, "bind 127.0.0.1:80");
    EXPECT_EQ(error.message(), "bind 127.0.0.1:80: Address already in use");
    EXPECT_EQ(error.code(), std::errc::address_in_use);
    EXPECT_EQ(error.context(), "bind 127.0.0.1:80");
}

TEST(Error, WithoutContextIsTheSystemsWords) {
    EXPECT_EQ(Error::fromErrno(ENOENT, "").message(), "No such file or directory");
}

TEST(Error, SeenFromFurtherOutKeepsItsCode) {
    EXPECT_EQ(
        Error::fromErrno(ENOENT, "a.pem").within("--certificate").message(),
        "--certificate: a.pem: No such file or directory"
    );
    EXPECT_EQ(Error("empty").within("--port").message(), "--port: empty");
    EXPECT_EQ(Error::fromErrno(ENOENT, "").within("a.pem").message(), "a.pem: No such file or directory");
}

} // namespace twistdpp
