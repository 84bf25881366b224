#pragma once
#include "twistdpp/dns_zone/master_file.h"
#include "twistdpp/dns_zone/problem_list.h"
#include "twistdpp/dns_zone/reverse_name.h"
#include "twistdpp/dns_zone/text_file.h"

#include <string>
#include <unordered_set>

namespace twistdpp::dns {

/// Reads hosts(5) files, one after the other, into a builder; what loadHostsFiles() does.
class HostsReader {
public:
    HostsReader(ZoneBuilder& builder, ProblemList& problems, std::uint32_t ttl)
        : builder_(builder), problems_(problems), ttl_(ttl) {}

    /// `name` stands in the problems.
    void read(const TextFile& file, const std::string& name);

private:
    void readLine(Bytes line);
    void readName(Bytes text);
    void add(Bytes owner, Type type, Bytes rdata);
    void remark(std::string text);

    ZoneBuilder& builder_;
    ProblemList& problems_;
    const std::uint32_t ttl_;
    const std::string* file_ = nullptr;
    unsigned line_ = 0;
    Bytes addressText_;   // the word that address_ was read from: long lists repeat it
    std::string address_; // four or sixteen bytes
    std::string name_, reverse_;
    std::unordered_set<std::string> named_; // addresses that have their PTR record
};

} // namespace twistdpp::dns
