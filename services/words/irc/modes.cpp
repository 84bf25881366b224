#include "twistdpp/irc/modes.h"

namespace twistdpp::irc {

bool ModeReader::next(ModeChange& out) noexcept {
    while (!letters_.empty() && (letters_.front() == '+' || letters_.front() == '-')) {
        adding_ = letters_.front() == '+';
        letters_.remove_prefix(1);
    }
    if (letters_.empty())
        return false;
    out.adding = adding_;
    out.letter = letters_.front();
    letters_.remove_prefix(1);
    out.kind = table_.kind(out.letter);
    out.param = Bytes();
    out.hasParam = false;
    const bool takes = out.kind == ModeKind::list || out.kind == ModeKind::always ||
                       out.kind == ModeKind::prefix || (out.kind == ModeKind::onSet && out.adding);
    if (takes && message_.has(next_)) {
        out.param = message_.param(next_++);
        out.hasParam = true;
    }
    return true;
}

void ModeWriter::add(bool adding, char letter, Bytes param) {
    const char sign = adding ? '+' : '-';
    if (sign != sign_)
        letters_ += sign_ = sign;
    letters_ += letter;
    if (!param.empty())
        params_.append(" ").append(param);
}

} // namespace twistdpp::irc
