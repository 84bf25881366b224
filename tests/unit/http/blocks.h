#pragma once
#include "twistdpp/http/request_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace twistdpp::http {

/// The fields of a request with the given lines ("Name: value" CR LF each), as the parser makes them.
class ParsedFields {
public:
    explicit ParsedFields(const std::string& lines)
        : input_("GET / HTTP/1.1\r\nHost: example.org\r\n" + lines + "\r\n") {
        EXPECT_TRUE(parser_.parse(input_).complete()) << input_;
    }
    operator const HeaderBlock&() const { return parser_.head().headers(); }

private:
    std::string input_;
    RequestParser parser_;
};

} // namespace twistdpp::http
