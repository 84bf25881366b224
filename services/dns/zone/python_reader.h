#pragma once
#include "twistdpp/dns_zone/master_file.h"
#include "twistdpp/dns_zone/problem_list.h"
#include "twistdpp/dns_zone/python_records.h"
#include "twistdpp/dns_zone/text_file.h"

#include <string>
#include <vector>

namespace twistdpp::dns {

/// Reads the calls of a Python zone: `zone = [TYPE(literal, keyword=literal), ...]`, with comments and
/// perhaps a text before and behind. Everything else is refused, since it would have to be run.
class PythonReader {
public:
    /// `text` is borrowed.
    explicit PythonReader(Bytes text) noexcept : lexer_(text) {}

    /// False with problem() and line() when the file is of another form; calls() has those before it.
    bool read();
    const std::vector<PythonCall>& calls() const noexcept { return calls_; }
    const std::string& problem() const noexcept { return problem_; }
    unsigned line() const noexcept { return lexer_.line(); }

private:
    bool statement(bool& assigned);
    bool call();
    bool argument(PythonCall& call, std::size_t& position);
    bool assign(PythonCall& call, std::size_t index, PythonValue value);
    bool fail(std::string problem);

    PythonLexer lexer_;
    std::vector<PythonCall> calls_;
    std::vector<bool> given_; // arguments of the call in progress
    bool keywords_ = false;   // one of them had a keyword
    std::string problem_;
};

/// What loadPythonZone() makes of a text; `name` stands in the problems.
LoadedZone pythonZone(Bytes text, const std::string& name);

} // namespace twistdpp::dns
