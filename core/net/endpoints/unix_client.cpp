#include "twistdpp/endpoints/argument_reader.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/file_lock.h"
#include "twistdpp/reactor/reactor.h"

#include <system_error>
#include <utility>

namespace twistdpp {

namespace {

constexpr EndpointArgument kArguments[] = {
    {"path", "the socket's path; @NAME is in the abstract namespace"},
    {"lockfile", "1: fail at once unless a server holds PATH.lock", true},
    {"timeout", "seconds, default 30", true},
};

class UnixClientEndpoint final : public ClientEndpoint {
public:
    UnixClientEndpoint(Reactor& reactor, std::string path, Duration timeout, bool checkLock)
        : reactor_(reactor), path_(std::move(path)), timeout_(timeout), checkLock_(checkLock) {}

    Deferred<Transport*> connect(std::shared_ptr<Factory> factory) override {
        const bool abstract = path_[0] == '@';
        if (checkLock_ && !abstract && !FileLock::held(path_ + ".lock"))
            return Failure(ConnectionRefusedError("unix:" + path_));
        ConnectSpec spec(Address::unixPath(abstract ? '\0' + path_.substr(1) : path_), timeout_);
        return reactor_.connect(std::move(spec), std::move(factory));
    }

private:
    Reactor& reactor_;
    std::string path_;
    Duration timeout_;
    bool checkLock_;
};

Result<std::unique_ptr<ClientEndpoint>> make(const EndpointContext& context, const EndpointString& text) {
    ArgumentReader reader(context, text, kArguments);
    const std::string path = reader.required("path", "the path of the socket");
    if (path.size() > 107)
        reader.fail("the path '" + path + "' is longer than the 107 bytes a unix socket can have");
    const Duration timeout = reader.seconds("timeout", std::chrono::seconds(30));
    const bool checkLock = reader.flag("lockfile", false);
    if (reader.error())
        return *reader.error();
    return std::unique_ptr<ClientEndpoint>(
        std::make_unique<UnixClientEndpoint>(context.reactor, path, timeout, checkLock)
    );
}

TWISTDPP_CLIENT_ENDPOINT(unix, "a unix socket", "unix:PATH", kArguments, &make);

} // namespace

} // namespace twistdpp
