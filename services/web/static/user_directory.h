#pragma once
#include "twistdpp/service_web/static/file_resource.h"

#include "twistdpp/http/resource.h"

#include <map>
#include <memory>
#include <string>

namespace twistdpp::web {

/// "/NAME/..." is the folder public_html in the home of the system's user NAME; "/" lists the users that have
/// one.
class UserDirectory final : public http::Resource {
public:
    UserDirectory(
        Reactor& reactor, std::shared_ptr<const http::MediaTypes> types, const FileOptions& options,
        const VisibilityPolicy& policy
    )
        : reactor_(reactor), types_(std::move(types)), options_(options), policy_(policy) {}

    std::shared_ptr<http::Resource> getChild(Bytes segment, http::Request& request) override;
    void renderGet(const http::RequestPtr& request) override;

private:
    Reactor& reactor_;
    std::shared_ptr<const http::MediaTypes> types_;
    FileOptions options_;
    VisibilityPolicy policy_;
    std::map<std::string, std::shared_ptr<FileResource>, std::less<>> users_; // those asked for and found
};

} // namespace twistdpp::web
