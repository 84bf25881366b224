#include "twistdpp/ftp_client/ftp_client.h"

#include "twistdpp/ftp_client/control_connection.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/defer/semaphore.h"
#include "twistdpp/ftp/host_port.h"
#include "twistdpp/ftp_data/data_channel.h"
#include "twistdpp/reactor/connect_host.h"

#include <algorithm>
#include <set>
#include <utility>

namespace twistdpp::ftp {

namespace {

constexpr std::size_t kLongestListing = std::size_t{64} << 20U; // bytes

/// What would be taken for another command.
void checkLine(const std::string& command) {
    if (command.find_first_of(std::string("\r\n\0", 3)) != std::string::npos)
        throw FtpError(501, "a name cannot have the end of a line in it");
}

/// A byte of 255 that is meant stands twice (RFC 854).
std::string escaped(const std::string& command) {
    std::string out;
    for (const char c : command)
        out.append(c == '\xff' ? 2 : 1, c);
    return out;
}

} // namespace

/// Lives as long as something uses it.
class FTPClient::State : public std::enable_shared_from_this<State> {
public:
    State(Reactor& reactor, std::string host, FTPClientOptions options)
        : reactor_(reactor), host_(std::move(host)), options_(std::move(options)),
          control_(std::make_shared<Control>(options_.timeout)), data_(reactor, {}) {}
    ~State() { control_->close(); }

    Deferred<void> begin(std::uint16_t port) {
        ConnectHostOptions how;
        how.timeout = options_.timeout;
        auto connecting = connectHost(
            reactor_, host_, port,
            makeFactory([control = control_](const Address&) { return Control::protocol(control); }), how
        );
        co_await std::move(connecting);
        auto greeting = control_->answer();
        Reply reply = co_await std::move(greeting);
        // 120: it will be there in a while, and says so again.
        while (reply.code / 100 == 1) {
            auto again = control_->answer();
            reply = co_await std::move(again);
        }
        if (reply.code / 100 != 2)
            throw FtpError(reply);
        if (options_.tls) {
            auto asking = ask("AUTH TLS");
            co_await std::move(asking);
            auto securing = control_->secure(options_.tls, host_);
            co_await std::move(securing);
        }
        auto user = ask("USER " + options_.user);
        const Reply named = co_await std::move(user);
        if (named.code / 100 == 3) {
            auto pass = ask("PASS " + options_.password);
            const Reply passed = co_await std::move(pass);
            if (passed.code / 100 != 2)
                throw FtpError(passed);
        }
        if (options_.tls) {
            for (const char* command : {"PBSZ 0", "PROT P"}) {
                auto asking = ask(command);
                co_await std::move(asking);
            }
        }
        control_->send("FEAT");
        auto asking = control_->answer();
        const Reply features = co_await std::move(asking);
        for (std::size_t i = 1; i + 1 < features.lines.size(); ++i) {
            Bytes line = ascii::trim(features.lines[i]);
            features_.insert(ascii::toLower(ascii::cut(line, ' ')));
        }
        auto binary = ask("TYPE I");
        co_await std::move(binary);
    }

    bool offers(const std::string& feature) const { return features_.contains(feature); }

    /// One command and its answer, of which those from 400 on are failures.
    Deferred<Reply> ask(std::string command) {
        checkLine(command);
        control_->send(escaped(command));
        auto answering = control_->answer();
        Reply reply = co_await std::move(answering);
        if (!reply.positive())
            throw FtpError(reply);
        co_return reply;
    }
    /// The same, when nothing else is being done.
    Deferred<Reply> askInTurn(std::string command) {
        const auto self = shared_from_this();
        auto waiting = turn_.acquire();
        const Semaphore::Permit permit = co_await std::move(waiting);
        auto asking = ask(std::move(command));
        Reply reply = co_await std::move(asking);
        co_return reply;
    }
    Deferred<void> rename(std::string from, std::string to) {
        const auto self = shared_from_this();
        auto waiting = turn_.acquire();
        const Semaphore::Permit permit = co_await std::move(waiting);
        auto first = ask("RNFR " + from);
        co_await std::move(first);
        auto second = ask("RNTO " + to);
        co_await std::move(second);
    }
    Deferred<void> receive(std::string command, Sink sink, std::uint64_t offset, bool text) {
        const auto self = shared_from_this();
        auto waiting = turn_.acquire();
        const Semaphore::Permit permit = co_await std::move(waiting);
        auto beginning = begin(std::move(command), offset, text);
        const std::shared_ptr<DataLink> link = co_await std::move(beginning);
        std::optional<Failure> failed;
        for (bool more = true; more && !failed;) {
            auto reading = link->read();
            Outcome<std::string> piece = co_await std::move(reading).outcome();
            if (!piece.ok()) {
                failed = piece.failure();
                break;
            }
            more = !piece.value().empty();
            if (!more)
                break;
            auto taking = sink(std::move(piece).value());
            const Outcome<void> taken = co_await std::move(taking).outcome();
            if (!taken.ok())
                failed = taken.failure();
        }
        failed ? link->abort() : static_cast<void>(link->finish().addErrback([](const Failure&) {}).detach());
        auto ending = end(std::move(failed), text);
        co_await std::move(ending);
    }
    Deferred<void> send(std::string command, Source source, std::uint64_t offset) {
        const auto self = shared_from_this();
        auto waiting = turn_.acquire();
        const Semaphore::Permit permit = co_await std::move(waiting);
        auto beginning = begin(std::move(command), offset, false);
        const std::shared_ptr<DataLink> link = co_await std::move(beginning);
        std::optional<Failure> failed;
        while (!failed) {
            auto getting = source();
            Outcome<std::string> piece = co_await std::move(getting).outcome();
            if (!piece.ok()) {
                failed = piece.failure();
                break;
            }
            if (piece.value().empty())
                break;
            if (Transport* const to = link->transport())
                to->write(Bytes(piece.value()));
            auto draining = link->drained();
            const Outcome<void> drained = co_await std::move(draining).outcome();
            if (!drained.ok())
                failed = drained.failure();
        }
        if (!failed) {
            auto finishing = link->finish();
            const Outcome<void> finished = co_await std::move(finishing).outcome();
            if (!finished.ok())
                failed = finished.failure();
        } else {
            link->abort();
        }
        auto ending = end(std::move(failed), false);
        co_await std::move(ending);
    }
    void close() { control_->close(); }

private:
    Deferred<void> arrange() {
        Transport* const ours = control_->transport();
        if (!ours)
            throw FtpError(426, "the connection has ended");
        const bool six = ours->peer().kind() == Address::Kind::ipv6;
        if (!options_.passive) {
            const auto where = data_.listen(ours->host(), ours->peer());
            if (!where)
                throw FtpError(425, where.error().message());
            auto asking = ask(six ? "EPRT " + extendedPortText(*where) : "PORT " + hostPortText(*where));
            co_await std::move(asking);
            co_return;
        }
        const Address peer = ours->peer();
        control_->send("EPSV");
        auto answering = control_->answer();
        const Reply extended = co_await std::move(answering);
        if (const std::uint16_t port =
                extended.code == 229 ? parseExtendedPassive(extended.text()) : std::uint16_t{0}) {
            data_.target(peer.withPort(port));
            co_return;
        }
        auto asking = ask("PASV");
        const Reply passive = co_await std::move(asking);
        const auto there = parseHostPort(passive.text());
        if (!there)
            throw FtpError(425, "the server does not say where: " + passive.text());
        // The port counts alone: a server that names another host would have us connect to anybody.
        data_.target(peer.withPort(there->port()));
    }
    Deferred<std::shared_ptr<DataLink>> begin(std::string command, std::uint64_t offset, bool text) {
        checkLine(command);
        if (text) {
            auto asking = ask("TYPE A");
            co_await std::move(asking);
        }
        auto arranging = arrange();
        co_await std::move(arranging);
        if (offset > 0) {
            auto asking = ask("REST " + std::to_string(offset));
            co_await std::move(asking);
        }
        // A server may wait for the connection before it says anything, or with it until it has.
        auto opening = data_.open(options_.timeout);
        control_->send(escaped(command));
        auto answering = control_->answer();
        const Outcome<Reply> reply = co_await std::move(answering).outcome();
        if (!reply.ok() || reply.value().code / 100 != 1) {
            opening.cancel();
            std::move(opening).addErrback([](const Failure&) { return std::shared_ptr<DataLink>(); }
            ).detach();
            data_.close();
            if (!reply.ok())
                co_return reply.failure();
            throw FtpError(reply.value());
        }
        const std::shared_ptr<DataLink> link = co_await std::move(opening);
        if (options_.tls) {
            const Transport* const control = control_->transport();
            if (!control)
                throw FtpError(421, "the control connection has ended");
            auto securing = link->secureAsClient(*control);
            co_await std::move(securing);
        }
        co_return link;
    }
    /// The server's last word on a transfer.
    Deferred<void> end(std::optional<Failure> failed, bool text) {
        auto answering = control_->answer();
        const Reply reply = co_await std::move(answering);
        if (text) {
            auto asking = ask("TYPE I");
            co_await std::move(asking);
        }
        if (!reply.positive())
            throw FtpError(reply);
        if (failed)
            failed->raise();
    }

    Reactor& reactor_;
    std::string host_;
    FTPClientOptions options_;
    std::shared_ptr<Control> control_;
    DataChannel data_;
    Semaphore turn_{1};
    std::set<std::string> features_; // lower case
};

Deferred<FTPClient>
FTPClient::connect(Reactor& reactor, std::string host, std::uint16_t port, FTPClientOptions options) {
    auto state = std::make_shared<State>(reactor, std::move(host), std::move(options));
    auto beginning = state->begin(port);
    co_await std::move(beginning);
    co_return FTPClient(std::move(state));
}

Deferred<std::vector<ListedFile>> FTPClient::list(std::string path) {
    const auto text = std::make_shared<std::string>();
    const bool facts = state_->offers("mlst");
    const std::string command = (facts ? "MLSD" : "LIST") + (path.empty() ? path : " " + path);
    auto gather = [text](std::string piece) {
        if (text->size() + piece.size() > kLongestListing)
            return fail(FtpError(552, "the list is too long"));
        text->append(piece);
        return succeed();
    };
    return state_->receive(command, gather, 0, true).addCallback([text, facts] {
        std::vector<ListedFile> out;
        for (Bytes rest = *text; !rest.empty();) {
            const Bytes line = ascii::cut(rest, '\n');
            auto listed = facts ? parseFactLine(line) : parseListLine(line);
            if (listed && listed->name != "." && listed->name != "..")
                out.push_back(*std::move(listed));
        }
        return out;
    });
}

Deferred<std::vector<std::string>> FTPClient::nlst(std::string path) {
    const auto text = std::make_shared<std::string>();
    auto gather = [text](std::string piece) {
        if (text->size() + piece.size() > kLongestListing)
            return fail(FtpError(552, "the list is too long"));
        text->append(piece);
        return succeed();
    };
    return state_->receive("NLST" + (path.empty() ? path : " " + path), gather, 0, true).addCallback([text] {
        std::vector<std::string> out;
        for (Bytes rest = *text; !rest.empty();) {
            Bytes line = ascii::cut(rest, '\n');
            if (line.ends_with('\r'))
                line.remove_suffix(1);
            if (!line.empty())
                out.emplace_back(line);
        }
        return out;
    });
}

Deferred<void> FTPClient::retrieve(std::string path, Sink sink, std::uint64_t offset) {
    return state_->receive("RETR " + path, std::move(sink), offset, false);
}

Deferred<std::string> FTPClient::retrieve(std::string path, std::size_t most) {
    const auto text = std::make_shared<std::string>();
    auto gather = [text, most](std::string piece) {
        if (text->size() + piece.size() > most)
            return fail(FtpError(552, "the file is longer than it may be"));
        text->append(piece);
        return succeed();
    };
    return state_->receive("RETR " + path, gather, 0, false).addCallback([text] { return std::move(*text); });
}

Deferred<void> FTPClient::store(std::string path, Source source, std::uint64_t offset) {
    return state_->send("STOR " + path, std::move(source), offset);
}

Deferred<void> FTPClient::store(std::string path, std::string content) {
    const auto left = std::make_shared<std::string>(std::move(content));
    return state_->send(
        "STOR " + path, [left] { return succeed(std::exchange(*left, {})); }, 0
    );
}

Deferred<void> FTPClient::append(std::string path, Source source) {
    return state_->send("APPE " + path, std::move(source), 0);
}

Deferred<void> FTPClient::rename(std::string from, std::string to) {
    return state_->rename(std::move(from), std::move(to));
}

Deferred<std::string> FTPClient::makeDirectory(std::string path) {
    return state_->askInTurn("MKD " + path).addCallback([](const Reply& reply) {
        return unquotedPath(reply.text());
    });
}

Deferred<void> FTPClient::removeFile(std::string path) {
    return state_->askInTurn("DELE " + path).addCallback([](const Reply&) {});
}

Deferred<void> FTPClient::removeDirectory(std::string path) {
    return state_->askInTurn("RMD " + path).addCallback([](const Reply&) {});
}

Deferred<std::string> FTPClient::getDirectory() {
    return state_->askInTurn("PWD").addCallback([](const Reply& reply) { return unquotedPath(reply.text()); }
    );
}

Deferred<void> FTPClient::changeDirectory(std::string path) {
    return state_->askInTurn("CWD " + path).addCallback([](const Reply&) {});
}

Deferred<void> FTPClient::cdup() {
    return state_->askInTurn("CDUP").addCallback([](const Reply&) {});
}

Deferred<std::uint64_t> FTPClient::size(std::string path) {
    return state_->askInTurn("SIZE " + path).addCallback([](const Reply& reply) {
        const auto size = parseUnsigned<std::uint64_t>(ascii::trim(reply.text()));
        if (!size)
            throw FtpError(reply);
        return *size;
    });
}

Deferred<std::int64_t> FTPClient::modified(std::string path) {
    return state_->askInTurn("MDTM " + path).addCallback([](const Reply& reply) {
        const auto time = parseTime(ascii::trim(reply.text()));
        if (!time)
            throw FtpError(reply);
        return *time;
    });
}

Deferred<Reply> FTPClient::queueStringCommand(std::string command) {
    return state_->askInTurn(std::move(command));
}

Deferred<void> FTPClient::quit() {
    return state_->askInTurn("QUIT").addBoth([state = state_](const Outcome<Reply>&) { state->close(); });
}

} // namespace twistdpp::ftp
