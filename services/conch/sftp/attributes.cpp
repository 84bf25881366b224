#include "twistdpp/sftp/attributes.h"

#include <algorithm>
#include <sys/stat.h>

namespace twistdpp::sftp {

namespace {

constexpr std::uint32_t kSize = 1, kOwner = 2, kPermissions = 4, kTimes = 8, kExtended = 0x80000000;

std::uint32_t kindBits(files::FileInfo::Kind kind) noexcept {
    using Kind = files::FileInfo::Kind;
    switch (kind) {
    case Kind::file:
        return S_IFREG;
    case Kind::folder:
        return S_IFDIR;
    case Kind::link:
        return S_IFLNK;
    case Kind::other:
        break;
    }
    return S_IFCHR;
}

} // namespace

Attributes Attributes::of(const files::FileInfo& info) {
    Attributes out;
    out.size = info.size;
    out.owner = Owner{info.uid, info.gid};
    out.permissions = info.mode | kindBits(info.kind);
    // A time that 32 bits cannot tell is the nearest that they can.
    const auto modified = static_cast<std::uint32_t>(std::clamp<std::int64_t>(info.modified, 0, UINT32_MAX));
    out.times = Times{modified, modified};
    return out;
}

Attributes Attributes::read(WireReader& from) {
    Attributes out;
    const std::uint32_t flags = from.number();
    if ((flags & kSize) != 0)
        out.size = from.largeNumber();
    if ((flags & kOwner) != 0) {
        out.owner.emplace();
        out.owner->user = from.number();
        out.owner->group = from.number();
    }
    if ((flags & kPermissions) != 0)
        out.permissions = from.number();
    if ((flags & kTimes) != 0) {
        out.times.emplace();
        out.times->accessed = from.number();
        out.times->modified = from.number();
    }
    if ((flags & kExtended) != 0) {
        for (std::uint32_t left = from.number(); left > 0 && from.good(); --left) {
            from.string();
            from.string();
        }
    }
    return out;
}

void Attributes::write(WireWriter& to) const {
    to.number(
        (size ? kSize : 0) | (owner ? kOwner : 0) | (permissions ? kPermissions : 0) | (times ? kTimes : 0)
    );
    if (size)
        to.largeNumber(*size);
    if (owner)
        to.number(owner->user).number(owner->group);
    if (permissions)
        to.number(*permissions);
    if (times)
        to.number(times->accessed).number(times->modified);
}

} // namespace twistdpp::sftp
