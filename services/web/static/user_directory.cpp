#include "twistdpp/service_web/static/user_directory.h"

#include "twistdpp/http/error_page.h"
#include "twistdpp/http/target.h"

#include <algorithm>
#include <pwd.h>
#include <vector>

namespace twistdpp::web {

namespace {

/// What a user shows, or nothing. A link in its place is the user's own, and leads no further than one
/// inside.
std::shared_ptr<const ServedRoot> publicFolder(const passwd& user, const VisibilityPolicy& policy) {
    auto root = ServedRoot::openIn(user.pw_dir, "public_html", policy);
    return root && !(*root)->isFile() ? *root : nullptr;
}

} // namespace

std::shared_ptr<http::Resource> UserDirectory::getChild(Bytes segment, http::Request& request) {
    if (segment.empty())
        return nullptr;
    const std::string name(segment);
    std::shared_ptr<http::Resource> known;
    if (const auto found = users_.find(segment); found != users_.end())
        known = found->second;
    std::shared_ptr<const ServedRoot> root;
    if (const passwd* user = known ? nullptr : ::getpwnam(name.c_str()))
        root = publicFolder(*user, policy_);
    if (!known && !root)
        return nullptr;
    if (request.path() == "/" + name) {
        request.redirect(301, http::redirectTarget("/" + name + "/", request.head().splitTarget().query));
        return nullptr;
    }
    if (known)
        return known;
    auto resource = std::make_shared<FileResource>(reactor_, root, types_, options_, name.size() + 1);
    users_.emplace(name, resource);
    return resource;
}

void UserDirectory::renderGet(const http::RequestPtr& request) {
    std::vector<std::string> names;
    ::setpwent();
    while (const passwd* user = ::getpwent()) {
        if (publicFolder(*user, policy_))
            names.emplace_back(user->pw_name);
    }
    ::endpwent();
    std::sort(names.begin(), names.end());
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Users</title></head>"
        "<body><h1>Users</h1><ul>";
    for (const std::string& name : names)
        page += "<li><a href=\"" + http::escapeHtml(http::encodeSegment(name)) + "/\">" +
                http::escapeHtml(name) + "</a></li>";
    page += names.empty() ? "</ul><p>No user has a public_html folder.</p></body></html>\n"
                          : "</ul></body></html>\n";
    request->responseHeaders().set("Content-Type", "text/html; charset=utf-8");
    request->respond(page);
}

} // namespace twistdpp::web
