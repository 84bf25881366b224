#include "twistdpp/dns_zone/python_reader.h"

#include <utility>

namespace twistdpp::dns {

namespace {
constexpr std::size_t kMaxList = 65'535; // strings of one TXT record
}

bool PythonReader::fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
}

bool PythonReader::read() {
    bool assigned = false;
    while (lexer_.skip()) {
        if (!statement(assigned))
            return false;
    }
    return assigned || fail("there is no zone = [...] in the file");
}

bool PythonReader::statement(bool& assigned) {
    PythonValue ignored;
    if (lexer_.atLiteral()) // a text that describes the file
        return lexer_.literal(ignored) || fail(lexer_.problem());
    const std::string found = lexer_.here();
    const Bytes name = lexer_.name();
    if (name != "zone" || !lexer_.take('='))
        return fail(
            found +
            " is not understood: the file is read as data and never run, so there is only zone = [...]"
        );
    if (assigned)
        return fail("there is a second zone = [...]");
    assigned = true;
    if (!lexer_.take('['))
        return fail("zone is to be a list: zone = [...]");
    while (!lexer_.take(']')) {
        if (!call())
            return false;
        if (!lexer_.take(',') && (!lexer_.skip() || lexer_.peek() != ']'))
            return fail("a comma or ] is missing before " + lexer_.here());
    }
    return true;
}

bool PythonReader::call() {
    if (!lexer_.skip())
        return fail("the list is not closed");
    const std::string found = lexer_.here();
    PythonCall call;
    call.line = lexer_.line();
    const Bytes name = lexer_.name();
    call.type = pythonRecordType(name);
    if (call.type == nullptr)
        return fail(found + " is no record type that a Python zone can have; use a master file for others");
    if (!lexer_.take('('))
        return fail("a ( is missing behind " + std::string(call.type->name));
    call.values.resize(1 + call.type->parameters.size());
    given_.assign(call.values.size() + 1, false);
    keywords_ = false;
    std::size_t position = 0;
    while (!lexer_.take(')')) {
        if (!argument(call, position))
            return false;
        if (!lexer_.take(',') && (!lexer_.skip() || lexer_.peek() != ')'))
            return fail("a comma or ) is missing before " + lexer_.here() + ": arguments are literals only");
    }
    for (std::size_t i = 0; i < call.values.size(); ++i) {
        const bool isList = i > 0 && call.type->parameters[i - 1].field == PythonField::listing;
        if (!given_[i] && !isList)
            return fail(
                std::string(call.type->name) + "(...) has no " +
                (i == 0 ? "name of its owner" : call.type->parameters[i - 1].name)
            );
    }
    calls_.push_back(std::move(call));
    return true;
}

bool PythonReader::argument(PythonCall& call, std::size_t& position) {
    if (!lexer_.skip())
        return fail(std::string(call.type->name) + "(...) is not closed");
    const auto& parameters = call.type->parameters;
    std::size_t index = position;
    const bool isList = parameters[0].field == PythonField::listing;
    if (!lexer_.atLiteral()) {
        const std::string found = lexer_.here();
        const Bytes keyword = lexer_.name();
        if (keyword.empty() || !lexer_.take('='))
            return fail(found + " is no literal: the file is read as data and never run");
        index = 0;
        if (keyword == "ttl") {
            index = 1 + parameters.size();
        } else {
            for (std::size_t i = 0; i < parameters.size() && !isList; ++i) {
                const bool alias = call.type->type == Type::MX && i == 1 && keyword == "exchange";
                if (keyword == parameters[i].name || alias)
                    index = 1 + i;
            }
        }
        // The owner of all calls is positional, for its keyword would be that of the record's name.
        if (index == 0)
            return fail(std::string(call.type->name) + "(...) has no argument " + found);
        lexer_.skip();
        if (!lexer_.atLiteral())
            return fail(lexer_.here() + " is no literal: the file is read as data and never run");
        keywords_ = true;
    } else if (keywords_) {
        return fail("an argument without a keyword follows one with a keyword");
    } else if (position == 0 || !isList) {
        ++position;
    }
    PythonValue value;
    if (!lexer_.literal(value))
        return fail(lexer_.problem());
    return assign(call, index, std::move(value));
}

bool PythonReader::assign(PythonCall& call, std::size_t index, PythonValue value) {
    if (index == 1 && call.type->parameters[0].field == PythonField::listing) {
        if (call.list.size() >= kMaxList)
            return fail("there are more strings than a record can have");
        call.list.push_back(std::move(value));
        return true;
    }
    if (index >= given_.size())
        return fail(std::string(call.type->name) + "(...) has too many arguments");
    if (given_[index])
        return fail(std::string(call.type->name) + "(...) has one argument twice");
    given_[index] = true;
    if (index < call.values.size())
        call.values[index] = std::move(value);
    else if (value.kind != PythonValue::Kind::none)
        call.ttl = std::move(value);
    return true;
}

} // namespace twistdpp::dns
