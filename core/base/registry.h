#pragma once
#include <algorithm>
#include <string_view>
#include <vector>

namespace twistdpp {

/// The things of one kind (services, reactors, endpoint kinds, checkers) that the linked files and loaded
/// plugins offer by name. T is a plain struct with a `name`. A file offers one by a static
/// Registry<T>::Entry, usually through a macro; entries are linked, not copied, so static initialisation
/// order does not matter. Changed only before main() and while a plugin is loaded; read by any thread after
/// that.
template <class T>
class Registry {
public:
    class Entry {
    public:
        explicit Entry(T item) noexcept : item_(item), next_(head()) { head() = this; }
        ~Entry() {
            for (Entry** at = &head(); *at; at = &(*at)->next_) {
                if (*at == this) {
                    *at = next_;
                    return;
                }
            }
        }
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;

    private:
        friend class Registry;
        T item_;
        Entry* next_;
    };

    /// The item of that name, or nullptr.
    static const T* find(std::string_view name) noexcept {
        for (const Entry* at = head(); at; at = at->next_) {
            if (at->item_.name == name)
                return &at->item_;
        }
        return nullptr;
    }

    /// All items, by name.
    static std::vector<const T*> all() {
        std::vector<const T*> items;
        for (const Entry* at = head(); at; at = at->next_)
            items.push_back(&at->item_);
        std::sort(items.begin(), items.end(), [](const T* a, const T* b) { return a->name < b->name; });
        return items;
    }

private:
    static Entry*& head() noexcept {
        static Entry* first = nullptr;
        return first;
    }
};

} // namespace twistdpp
