#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace twistdpp {

/// Who has been proven to be there: what a Checker gives and a Realm makes an avatar from. A value. Anonymous
/// is a state of its own and no name, so that no mistake in a file of names can make someone anonymous.
class AvatarId {
public:
    using Attribute = std::pair<std::string, std::string>;

    static AvatarId anonymous() { return AvatarId(); }
    explicit AvatarId(std::string name) : name_(std::move(name)), anonymous_(false) {}

    bool isAnonymous() const noexcept { return anonymous_; }
    /// Any bytes, not empty; empty for the anonymous.
    const std::string& name() const noexcept { return name_; }

    /// What the checker knows besides, in its order; a name may come twice. "checker" names who decided;
    /// `unix` adds "uid", "gid", "home", "shell"; `sshkey` adds "option:NAME" for each option of the key's
    /// line.
    const std::vector<Attribute>& attributes() const noexcept { return attributes_; }
    void add(std::string name, std::string value) {
        attributes_.emplace_back(std::move(name), std::move(value));
    }
    /// The first value of that name.
    std::optional<std::string_view> attribute(std::string_view name) const noexcept {
        for (const auto& [key, value] : attributes_) {
            if (key == name)
                return value;
        }
        return std::nullopt;
    }

private:
    AvatarId() = default;
    std::string name_;
    bool anonymous_ = true;
    std::vector<Attribute> attributes_;
};

} // namespace twistdpp
