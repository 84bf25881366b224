#include "twistdpp/service_web/static/user_directory.h"

#include "twistdpp/http/error_page.h"
#include "twistdpp/http/target.h"

#include <algorithm>
#include <pwd.h>
#include <sys/stat.h>
#include <vector>

namespace twistdpp::web {

namespace {

std::string publicFolder(const passwd& user) {
    return std::string(user.pw_dir) + "/public_html";
}

bool isFolder(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

} // namespace

std::shared_ptr<http::Resource> UserDirectory::getChild(Bytes segment, http::Request& request) {
    if (segment.empty())
        return nullptr;
    if (const auto known = users_.find(segment); known != users_.end())
        return known->second;
    const std::string name(segment);
    const passwd* user = ::getpwnam(name.c_str());
    if (!user)
        return nullptr;
    auto root = ServedRoot::open(publicFolder(*user), policy_);
    if (!root || (*root)->isFile())
        return nullptr;
    if (request.path() == "/" + name) {
        request.redirect(301, http::redirectTarget("/" + name + "/", request.head().splitTarget().query));
        return nullptr;
    }
    auto resource = std::make_shared<FileResource>(reactor_, *root, types_, options_, name.size() + 1);
    users_.emplace(name, resource);
    return resource;
}

void UserDirectory::renderGet(const http::RequestPtr& request) {
    std::vector<std::string> names;
    ::setpwent();
    while (const passwd* user = ::getpwent()) {
        if (isFolder(publicFolder(*user)))
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
