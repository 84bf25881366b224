#pragma once
#include "twistdpp/base/bytes.h"

namespace twistdpp::mail {

/// The sink's page, which shows what catcher_site.h's paths give. Its parts, for as long as the program runs.
Bytes pageHtml() noexcept;
Bytes pageStyle() noexcept;
Bytes pageScript() noexcept;

} // namespace twistdpp::mail
