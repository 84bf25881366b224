#pragma once
#include "twistdpp/tls/pem.h"

#include <string>

namespace twistdpp {

/// The authorities in a PEM file, or in all *.pem files of a folder. The error names what cannot be read.
Result<Pem> readTrustRoots(const std::string& path);

} // namespace twistdpp
