#pragma once
#include "twistdpp/http/resource.h"

namespace twistdpp::web {

/// What a web server that was given nothing to serve shows: that it works, and how to give it something.
class DemoPage final : public http::Resource {
public:
    void renderGet(const http::RequestPtr& request) override;
};

} // namespace twistdpp::web
