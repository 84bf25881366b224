#pragma once
#include "unit/http/site_world.h"

#include "twistdpp/service_web/static/file_resource.h"

#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <sys/stat.h>

namespace twistdpp::web {

/// A folder of its own for one test, served.
class FileWorld {
public:
    explicit FileWorld(const FileOptions& options = {}, const VisibilityPolicy& policy = {}) {
        std::string name = "/tmp/twistdpp-web-XXXXXX";
        top = ::mkdtemp(name.data());
        folder = top / "root";
        std::filesystem::create_directory(folder);
        serve(folder.string(), options, policy);
    }
    ~FileWorld() { std::filesystem::remove_all(top); }

    void
    serve(const std::string& path, const FileOptions& options = {}, const VisibilityPolicy& policy = {}) {
        auto root = ServedRoot::open(path, policy);
        ASSERT_TRUE(root) << root.error().message();
        resource = std::make_shared<FileResource>(
            world.reactor, *root, std::make_shared<const http::MediaTypes>(), options
        );
        world.site.setRoot(resource);
    }
    /// Writes a file, last changed `age` seconds ago.
    void put(const std::string& name, const std::string& content, int age = 100) {
        std::ofstream(folder / name, std::ios::binary) << content;
        using namespace std::filesystem;
        last_write_time(folder / name, file_time_type::clock::now() - std::chrono::seconds(age));
    }
    http::Answer get(const std::string& target, const std::string& fields = {}) {
        return world.get(target, fields);
    }
    /// After the time for which answers are kept unquestioned.
    void later() { world.reactor.advance(std::chrono::milliseconds(1100)); }

    std::filesystem::path top;
    std::filesystem::path folder;
    http::SiteWorld world;
    std::shared_ptr<FileResource> resource;
};

} // namespace twistdpp::web
