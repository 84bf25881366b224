#pragma once
#include "twistdpp/base/bytes.h"

#include <string>

namespace twistdpp::ftp {

/// A text on its way in TYPE A (RFC 959 section 3.1.1.1), in pieces that are cut anywhere. What is no line
/// end is not touched.
class ToNetwork {
public:
    /// Adds the piece with CR LF where LF stands alone.
    void read(Bytes piece, std::string& out);

private:
    bool afterCr_ = false;
};

class FromNetwork {
public:
    /// Adds the piece with LF where CR LF stands.
    void read(Bytes piece, std::string& out);
    /// What was held back, as it might have been the beginning of a line's end.
    void end(std::string& out);

private:
    bool afterCr_ = false;
};

} // namespace twistdpp::ftp
