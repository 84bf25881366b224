#include "twistdpp/endpoints/socket_listener.h"

#include "twistdpp/reactor/errors.h"

#include <utility>

namespace twistdpp::detail {

Deferred<std::unique_ptr<Port>>
openPort(Reactor& reactor, ListenSpec spec, std::shared_ptr<Factory> factory, const FactoryWrapper& lowest) {
    auto opened = reactor.listen(std::move(spec), wrapped(std::move(factory), lowest));
    if (!opened)
        return Failure(CannotListenError(opened.error().message()));
    return Deferred<std::unique_ptr<Port>>(std::move(*opened));
}

} // namespace twistdpp::detail
