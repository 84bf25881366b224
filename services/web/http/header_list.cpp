#include "twistdpp/http/header_list.h"

#include "twistdpp/http/tokens.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>

namespace twistdpp::http {

namespace {

bool sendable(Bytes name, Bytes value) noexcept {
    return isToken(name) && isFieldValue(value);
}

auto named(Bytes name) {
    return [name](const HeaderList::Field& field) { return ascii::equalsIgnoreCase(field.name, name); };
}

} // namespace

bool HeaderList::add(Bytes name, Bytes value) {
    if (!sendable(name, value))
        return false;
    fields_.push_back({std::string(name), std::string(value)});
    return true;
}

bool HeaderList::set(Bytes name, Bytes value) {
    if (!sendable(name, value))
        return false;
    const auto first = std::find_if(fields_.begin(), fields_.end(), named(name));
    if (first == fields_.end())
        return add(name, value);
    *first = {std::string(name), std::string(value)};
    fields_.erase(std::remove_if(first + 1, fields_.end(), named(first->name)), fields_.end());
    return true;
}

bool HeaderList::setIfMissing(Bytes name, Bytes value) {
    return has(name) || add(name, value);
}

std::size_t HeaderList::remove(Bytes name) {
    const std::size_t before = fields_.size();
    fields_.erase(std::remove_if(fields_.begin(), fields_.end(), named(name)), fields_.end());
    return before - fields_.size();
}

std::optional<Bytes> HeaderList::get(Bytes name) const noexcept {
    const auto found = std::find_if(fields_.begin(), fields_.end(), named(name));
    if (found == fields_.end())
        return std::nullopt;
    return Bytes(found->value);
}

void HeaderList::appendTo(std::string& out) const {
    for (const Field& field : fields_)
        out.append(field.name).append(": ").append(field.value).append("\r\n");
}

} // namespace twistdpp::http
