#pragma once
#include "twistdpp/service_web/static/file_resource.h"

#include "twistdpp/app/option_set.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/http/site.h"

#include <string>
#include <vector>

namespace twistdpp::web {

/// The options of `twistdpp web`: Twisted's where they make sense without Python, and ours.
class WebConfig final : public ServiceConfig {
public:
    void declare(OptionSet& options) override;
    Result<void> validate() override;

    /// What to listen on, as endpoint strings.
    std::vector<std::string> endpoints() const;

    std::vector<std::string> listen;
    std::string https;
    std::string certificate = "server.pem";
    std::string privateKey = "server.pem";
    std::string path;
    bool users = false;
    std::vector<std::string> auth;
    std::string userRoot;
    std::vector<std::string> indexNames;
    std::vector<std::string> ignoredExtensions;
    bool allowIgnoreExtension = false;
    std::string mimeType = "application/octet-stream";
    std::vector<std::string> headers;
    std::string logFile;
    std::string serverName = "twistdpp";
    bool noListing = false;
    bool hidden = false;
    std::string links = "beneath";
    bool noCompression = false;
    Duration headTime = std::chrono::seconds(20);
    Duration idleTime = std::chrono::seconds(75);
    Duration stallTime = std::chrono::seconds(30);

    FileOptions fileOptions() const;
    VisibilityPolicy visibility() const;
    http::SiteLimits limits() const;
};

} // namespace twistdpp::web
