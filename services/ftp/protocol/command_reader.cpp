#include "twistdpp/ftp/command_reader.h"

#include <utility>

namespace twistdpp::ftp {

namespace {

constexpr unsigned char kIac = 255;
constexpr unsigned char kWill = 251; // and WONT, DO, DONT: an option comes behind
constexpr unsigned char kFirstCommand = 236;

} // namespace

void CommandReader::stop() {
    gathered_.clear();
    skipping_ = false;
    state_ = State::text;
    ++stops_;
}

void CommandReader::read(Bytes data) {
    const unsigned stops = stops_;
    for (const char c : data) {
        const auto byte = static_cast<unsigned char>(c);
        if (state_ == State::option) {
            state_ = State::text;
            continue;
        }
        if (state_ == State::iac) {
            state_ = State::text;
            if (byte != kIac && byte >= kFirstCommand) {
                if (byte >= kWill)
                    state_ = State::option;
                continue;
            }
            // A 255 that is meant; or what was behind it came as urgent data, and this is the text.
        } else if (byte == kIac) {
            state_ = State::iac;
            continue;
        }
        take(c);
        if (stops != stops_)
            return;
    }
}

void CommandReader::take(char c) {
    if (c == '\n') {
        if (std::exchange(skipping_, false))
            return;
        if (gathered_.ends_with('\r'))
            gathered_.pop_back();
        line_(std::exchange(gathered_, {}));
        return;
    }
    if (skipping_)
        return;
    if (gathered_.size() >= kLongest) {
        skipping_ = true;
        gathered_.clear();
        tooLong_();
        return;
    }
    gathered_ += c;
}

} // namespace twistdpp::ftp
