#include "support/dns_zone_text.h"

#include "twistdpp/dns_answer/catalog.h"

namespace twistdpp::dns {
namespace {

/// Zones without data: only their names matter here.
Catalog catalogOf(std::initializer_list<const char*> origins) {
    std::vector<ServedZone> zones;
    for (const char* each : origins)
        zones.push_back({std::string(Name::parse(each).value().wire()), nullptr});
    return Catalog(std::move(zones), nullptr);
}

std::string find(const Catalog& catalog, const char* name, Type type = Type::A) {
    const Name wire = Name::parse(name).value();
    const NameKey key(wire.wire());
    const ServedZone* found = catalog.find(key, type);
    return found ? nameText(found->origin) : "none";
}

TEST(Catalog, isEmptyAtFirst) {
    EXPECT_EQ(find(Catalog(), "a.test."), "none");
    EXPECT_EQ(Catalog().hosts(), nullptr);
}

TEST(Catalog, givesTheDeepestZone) {
    const Catalog catalog = catalogOf({"test.", "a.test.", "c.b.a.test.", "example.com."});
    EXPECT_EQ(find(catalog, "test."), "test.");
    EXPECT_EQ(find(catalog, "x.test."), "test.");
    EXPECT_EQ(find(catalog, "a.test."), "a.test.");
    EXPECT_EQ(find(catalog, "x.b.a.test."), "a.test.");
    EXPECT_EQ(find(catalog, "y.x.c.b.a.test."), "c.b.a.test.");
    EXPECT_EQ(find(catalog, "X.C.B.A.Test."), "c.b.a.test.");
    EXPECT_EQ(find(catalog, "com."), "none");
    EXPECT_EQ(find(catalog, "xa.tests."), "none");
    EXPECT_EQ(find(catalog, "."), "none");
}

TEST(Catalog, namesEndWithWholeLabels) {
    EXPECT_EQ(find(catalogOf({"a.test."}), "ba.test."), "none");
}

// RFC 4035 section 3.1.4.1.
TEST(Catalog, theParentAnswersForDs) {
    const Catalog catalog = catalogOf({"test.", "a.test.", "alone.example."});
    EXPECT_EQ(find(catalog, "a.test.", Type::DS), "test.");
    EXPECT_EQ(find(catalog, "x.a.test.", Type::DS), "a.test.");
    EXPECT_EQ(find(catalog, "alone.example.", Type::DS), "alone.example.") << "its parent is somebody else's";
}

TEST(Catalog, theRootIsAZoneAsOthers) {
    const Catalog catalog = catalogOf({".", "a.test."});
    EXPECT_EQ(find(catalog, "x.example."), ".");
    EXPECT_EQ(find(catalog, ".", Type::DS), ".");
    EXPECT_EQ(find(catalog, "a.test.", Type::DS), ".");
    EXPECT_EQ(find(catalog, "a.test."), "a.test.");
}

TEST(Catalog, holdsManyZones) {
    std::vector<ServedZone> zones;
    for (int i = 0; i < 5000; ++i)
        zones.push_back({std::string(Name::parse("z" + std::to_string(i) + ".test.").value().wire()), nullptr}
        );
    const Catalog catalog(std::move(zones), nullptr);
    for (int i = 0; i < 5000; i += 7) {
        const std::string name = "z" + std::to_string(i) + ".test.";
        EXPECT_EQ(find(catalog, ("www." + name).c_str()), name);
    }
    EXPECT_EQ(find(catalog, "www.z5000.test."), "none");
}

TEST(Catalog, exactIsTheZoneOfThatNameOnly) {
    const Catalog catalog = catalogOf({"test."});
    EXPECT_NE(catalog.exact(NameKey(Name::parse("test.").value().wire())), nullptr);
    EXPECT_EQ(catalog.exact(NameKey(Name::parse("a.test.").value().wire())), nullptr);
}

} // namespace
} // namespace twistdpp::dns
