#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/mime/fields.h"

#include <string>
#include <vector>

namespace twistdpp::mail {

/// What a DKIM signature is one of (RFC 6376 section 3.7): the fields that `names` lists, from the last of
/// each name upwards, and the signature's own field, in which "b=" has nothing behind it.
std::string signedText(
    const std::vector<mime::Field>& fields, const std::vector<std::string>& names,
    const mime::Field& signature, bool relaxed
);

/// The field's value without what stands behind its "b=".
std::string withoutSignature(Bytes value);

} // namespace twistdpp::mail
