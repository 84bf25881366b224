#include "twistdpp/net/protocol_wrapper.h"

#include <utility>

namespace twistdpp {

void ProtocolWrapper::connectionMade() {
    inner_->makeConnection(*this);
}
void ProtocolWrapper::dataReceived(Bytes data) {
    inner_->dataReceived(data);
}
void ProtocolWrapper::readConnectionLost() {
    inner_->readConnectionLost();
}
void ProtocolWrapper::writable() {
    inner_->writable();
}
void ProtocolWrapper::connectionLost(const Failure& reason) {
    if (inner_)
        inner_->connectionLost(reason);
}

void ProtocolWrapper::write(Bytes data) {
    lower().write(data);
}
void ProtocolWrapper::write(Buffer data) {
    lower().write(std::move(data));
}
void ProtocolWrapper::writeFile(FileRange range) {
    lower().writeFile(std::move(range));
}
void ProtocolWrapper::loseConnection() {
    lower().loseConnection();
}
void ProtocolWrapper::abortConnection(Failure reason) {
    lower().abortConnection(std::move(reason));
}
void ProtocolWrapper::loseWriteConnection() {
    lower().loseWriteConnection();
}
void ProtocolWrapper::pauseProducing() {
    lower().pauseProducing();
}
void ProtocolWrapper::resumeProducing() {
    lower().resumeProducing();
}
std::size_t ProtocolWrapper::queued() const noexcept {
    return lower().queued();
}
void ProtocolWrapper::setWriteLimits(const WriteLimits& limits) {
    lower().setWriteLimits(limits);
}
Deferred<void> ProtocolWrapper::drained() {
    return lower().drained();
}
const Address& ProtocolWrapper::peer() const noexcept {
    return lower().peer();
}
Address ProtocolWrapper::host() const {
    return lower().host();
}
const TlsInfo* ProtocolWrapper::tls() const noexcept {
    return lower().tls();
}
Reactor& ProtocolWrapper::reactor() const noexcept {
    return lower().reactor();
}
bool ProtocolWrapper::closing() const noexcept {
    return lower().closing();
}
std::unique_ptr<Protocol> ProtocolWrapper::switchProtocol(std::unique_ptr<Protocol> next) {
    return std::exchange(inner_, std::move(next));
}
void ProtocolWrapper::cork() noexcept {
    lower().cork();
}
void ProtocolWrapper::uncork() {
    lower().uncork();
}
void ProtocolWrapper::setTcpNoDelay(bool on) {
    lower().setTcpNoDelay(on);
}
void ProtocolWrapper::setTcpKeepAlive(bool on) {
    lower().setTcpKeepAlive(on);
}
Result<UniqueFd> ProtocolWrapper::releaseFd() {
    return lower().releaseFd();
}

} // namespace twistdpp
