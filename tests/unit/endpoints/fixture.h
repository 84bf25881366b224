#pragma once
#include "twistdpp/endpoints/endpoint_kind.h"
#include "unit/net/doubles.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <unistd.h>

namespace twistdpp::test {

/// Writes down what it is given.
class Sink : public Protocol {
public:
    explicit Sink(Sink*& place) : place_(place) { place = this; }
    ~Sink() override { place_ = nullptr; }
    void connectionMade() override { made = true; }
    void dataReceived(Bytes data) override { got.append(data); }
    bool made = false;
    std::string got;

private:
    Sink*& place_;
};

/// Endpoints over a reactor that only writes down what it is asked for.
class EndpointTest : public testing::Test {
protected:
    std::unique_ptr<ServerEndpoint> server(std::string_view text, const EndpointOptions& options = {}) {
        auto made = serverFromString(reactor, text, options);
        if (made)
            return std::move(*made);
        ADD_FAILURE() << made.error().message();
        return nullptr;
    }
    std::string serverError(std::string_view text) {
        const auto made = serverFromString(reactor, text);
        return made ? "none" : made.error().message();
    }
    std::unique_ptr<ClientEndpoint> client(std::string_view text) {
        auto made = clientFromString(reactor, text);
        if (made)
            return std::move(*made);
        ADD_FAILURE() << made.error().message();
        return nullptr;
    }
    std::string clientError(std::string_view text) {
        const auto made = clientFromString(reactor, text);
        return made ? "none" : made.error().message();
    }
    std::shared_ptr<Factory> factory() {
        return makeFactory([this](const Address&) { return std::make_unique<Sink>(sink); });
    }
    /// Listens, and gives what the reactor was asked for; the port is kept.
    const ListenSpec& listen(std::string_view text, const EndpointOptions& options = {}) {
        const auto endpoint = server(text, options);
        if (!endpoint)
            return reactor.listened.emplace_back(Address());
        auto opening = endpoint->listen(factory());
        auto outcome = std::move(opening).take();
        if (outcome.ok())
            port = std::move(outcome).value();
        else
            ADD_FAILURE() << outcome.failure().message();
        return reactor.listened.back();
    }

    ManualReactor reactor;
    Sink* sink = nullptr;
    std::unique_ptr<Port> port;
};

/// A folder that is gone after the test.
class ScratchFolder {
public:
    ScratchFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "endpoint.XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~ScratchFolder() { std::filesystem::remove_all(path_); }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(*this / name) << text;
        return *this / name;
    }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

} // namespace twistdpp::test
