#include "twistdpp/dns_server/datagram_server.h"

namespace twistdpp::dns {

namespace {

std::size_t once(
    Responder& responder, Elsewhere& elsewhere, const Address& from, std::span<char> out, Responder::Fate fate
) {
    switch (fate) {
    case Responder::Fate::answered:
        return responder.size();
    case Responder::Fate::notify:
        return elsewhere.notify(responder, from, out);
    case Responder::Fate::transfer:
        return elsewhere.transferDatagram(responder, from, out);
    case Responder::Fate::dropped:
    case Responder::Fate::forward:
        break;
    }
    return 0;
}

} // namespace

DatagramServer::~DatagramServer() {
    if (alive_)
        *alive_ = nullptr;
}

void DatagramServer::startProtocol(DatagramPort& port) {
    DatagramProtocol::startProtocol(port);
    alive_ = std::make_shared<DatagramPort*>(&port);
}

void DatagramServer::stopProtocol() {
    *alive_ = nullptr;
    DatagramProtocol::stopProtocol();
}

void DatagramServer::datagramsReceived(std::span<const Datagram> batch) {
    DatagramPort& out = port();
    const std::size_t most = responder_.settings().udpSize;
    for (const Datagram& one : batch) {
        const std::span<char> room = out.reserve(most);
        const Responder::Fate fate = responder_.respond(one.data, *one.from, Carrier::udp, room);
        if (fate == Responder::Fate::forward)
            later(one);
        else if (const std::size_t size = once(responder_, elsewhere_, *one.from, room, fate))
            out.commit(size, *one.from, one.to);
    }
}

void DatagramServer::later(const Datagram& one) {
    elsewhere_.forward(
        responder_, *one.from, Carrier::udp,
        [alive = alive_, to = *one.from, at = one.to ? *one.to : Address()](Bytes answer) {
            if (*alive)
                (*alive)->write(answer, to, &at);
        }
    );
}

} // namespace twistdpp::dns
