#pragma once
#include "twistdpp/base/number.h"
#include "twistdpp/reactor/reactor.h"

#include <csignal>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

/// What the main() of every example has in common and no reader needs to see twice: the reactor, its end by
/// Ctrl-C or SIGTERM, and arguments. It must outlive whatever the reactor has made.
class Program {
public:
    Program(int argc, char** argv, std::string_view reactorName = "uv") : argc_(argc), argv_(argv) {
        auto made = twistdpp::makeReactor(reactorName);
        if (!made)
            throw std::runtime_error(made.error().message());
        reactor_ = *std::move(made);
        for (const int signal : {SIGINT, SIGTERM}) {
            auto watch = reactor_->onSignal(signal, [this] { stop(); });
            if (!watch)
                throw std::runtime_error(watch.error().message());
            (signal == SIGINT ? onInterrupt_ : onTerminate_) = *std::move(watch);
        }
    }

    twistdpp::Reactor& reactor() noexcept { return *reactor_; }

    /// Serves events until stop() or a signal; returns the exit code for main().
    int run() {
        if (!stopped_) // some things end before the reactor runs: what fails at once, for example
            reactor_->run();
        return code_;
    }
    void stop(int code = 0) {
        code_ = code;
        stopped_ = true;
        reactor_->stop();
    }

    /// Connects to a port of this machine; when that fails, says so and ends.
    void connect(std::uint16_t port, std::shared_ptr<twistdpp::Factory> factory) {
        reactor_->connect(twistdpp::ConnectSpec(twistdpp::Address::loopback(port)), std::move(factory))
            .addCallbacks(
                [](twistdpp::Transport*) {},
                [this](const twistdpp::Failure& why) {
                    std::fprintf(stderr, "no connection: %s\n", why.message().c_str());
                    stop(1);
                }
            )
            .detach();
    }

    /// The argument at `index`, counted from 1.
    std::string argument(int index, std::string_view fallback) const {
        return index < argc_ ? argv_[index] : std::string(fallback);
    }
    std::uint16_t port(int index, std::uint16_t fallback) const {
        const auto text = argument(index, std::to_string(fallback));
        if (const auto number = twistdpp::parseUnsigned<std::uint16_t>(text))
            return *number;
        throw std::runtime_error("'" + text + "' is no port: it must be a number from 0 to 65535");
    }

    /// Tells that the program can be used now, and where: with port 0 the system has chosen one.
    static void ready(std::string_view what, const twistdpp::Address& where) {
        std::printf("%.*s on %s\n", static_cast<int>(what.size()), what.data(), where.toString().c_str());
        std::fflush(stdout);
    }
    /// Prints why the program ends; its exit code.
    static int failed(const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }

private:
    int argc_;
    char** argv_;
    int code_ = 0;
    bool stopped_ = false;
    std::unique_ptr<twistdpp::Reactor> reactor_;
    twistdpp::Watch onInterrupt_;
    twistdpp::Watch onTerminate_;
};
