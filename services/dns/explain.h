#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/dns_answer/catalog.h"

#include <string>

namespace twistdpp::dns {

/// The answer to "NAME [TYPE]" as people read it: the steps that led to it, then the message in the form of
/// master files. The type is A unless given; a final dot of the name may be left out.
Result<std::string> explainAnswer(const Catalog& catalog, const std::string& question);

} // namespace twistdpp::dns
