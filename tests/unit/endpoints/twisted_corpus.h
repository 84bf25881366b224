#pragma once
#include <utility>

namespace twistdpp::test {

/// Descriptions, and how they are cut: "kind|value|name=value". Twisted's own parser is held against the same
/// lines by tests/integration/endpoint_grammar_test.py, which reads them here: one a line, plain strings.
// clang-format off
inline constexpr std::pair<const char*, const char*> twistedCorpus[] = {
        {"tcp:80", "tcp|80"},
        {"tcp", "tcp"},
        {"", ""},
        {"tcp:", "tcp|"},
        {"tcp::", "tcp||"},
        {"tcp:80:interface=127.0.0.1", "tcp|80|interface=127.0.0.1"},
        {"ssl:443:privateKey=key.pem:certKey=crt.pem", "ssl|443|privateKey=key.pem|certKey=crt.pem"},
        {"a:b:d=1:c", "a|b|c|d=1"},
        {"a:x=1:x=2", "a|x=2"},
        {"a:x=b=c", "a|x=b=c"},
        {"a:x=", "a|x="},
        {"a:=x", "a|=x"},
        {"tcp6:80:interface=\\:\\:1", "tcp6|80|interface=::1"},
        {"unix:/run/a\\:b", "unix|/run/a:b"},
        {"unix:a\\=b", "unix|a=b"},
        {"unix:a\\\\b", "unix|a\\b"},
        {"unix:\\x", "unix|x"},
        {"haproxy:tcp:80", "haproxy|tcp|80"},
        {"tls:h:443:endpoint=tcp\\:h\\:1\\:bindAddress=\\\\\\:",
         "tls|h|443|endpoint=tcp:h:1:bindAddress=\\:"},
        {"tcp:80:interface=127.0.0.1:backlog=50", "tcp|80|interface=127.0.0.1|backlog=50"},
        {"tcp:interface=127.0.0.1:80", "tcp|80|interface=127.0.0.1"},
        {"unix:/run/x:mode=660:lockfile=0", "unix|/run/x|mode=660|lockfile=0"},
        {"systemd:domain=INET:index=0", "systemd|domain=INET|index=0"},
        {"stdio:", "stdio|"},
        {"a:\\:=\\:", "a|:=:"},
        {"a:b\\=c=d", "a|b=c=d"},
        {"a:x=1:y=2:x=3", "a|x=3|y=2"},
        {"a:x==", "a|x=="},
        {"a:x=\\=", "a|x=="},
        {"\\a\\:b:c", "a:b|c"},
        {"a:\\\\:b", "a|\\|b"},
        {":", "|"},
        {"a: b :c d=e f", "a| b |c d=e f"},
};
// clang-format on

} // namespace twistdpp::test
