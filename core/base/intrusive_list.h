#pragma once
#include <cassert>

namespace twistdpp {

/// The link that an object carries to stand in one IntrusiveList at a time. It leaves the list when it dies.
class ListHook {
public:
    ListHook() noexcept = default;
    ~ListHook() { unlink(); }
    ListHook(const ListHook&) = delete;
    ListHook& operator=(const ListHook&) = delete;

    bool linked() const noexcept { return next_ != nullptr; }
    void unlink() noexcept {
        if (!next_)
            return;
        next_->previous_ = previous_;
        previous_->next_ = next_;
        next_ = previous_ = nullptr;
    }

private:
    template <class, class>
    friend class IntrusiveList;
    ListHook* next_ = nullptr;
    ListHook* previous_ = nullptr;
};

/// A doubly linked list of objects that derive from ListHook (or from a Tag type that does, for an object
/// that stands in several lists). It owns nothing and allocates nothing; every operation is O(1).
template <class T, class Hook = ListHook>
class IntrusiveList {
public:
    IntrusiveList() noexcept { head_.next_ = head_.previous_ = &head_; }
    ~IntrusiveList() {
        while (!empty())
            popFront();
        head_.next_ = head_.previous_ = nullptr;
    }
    IntrusiveList(const IntrusiveList&) = delete;
    IntrusiveList& operator=(const IntrusiveList&) = delete;

    bool empty() const noexcept { return head_.next_ == &head_; }
    T& front() noexcept { return object(*head_.next_); }

    void pushBack(T& item) noexcept {
        ListHook& hook = static_cast<Hook&>(item);
        assert(!hook.linked());
        hook.previous_ = head_.previous_;
        hook.next_ = &head_;
        head_.previous_->next_ = &hook;
        head_.previous_ = &hook;
    }

    /// Takes the first item out; nullptr when the list is empty.
    T* popFront() noexcept {
        if (empty())
            return nullptr;
        T& first = front();
        static_cast<Hook&>(first).unlink();
        return &first;
    }

    /// Moves all items of `other` behind those of this list.
    void splice(IntrusiveList& other) noexcept {
        if (other.empty())
            return;
        other.head_.next_->previous_ = head_.previous_;
        head_.previous_->next_ = other.head_.next_;
        other.head_.previous_->next_ = &head_;
        head_.previous_ = other.head_.previous_;
        other.head_.next_ = other.head_.previous_ = &other.head_;
    }

    /// Visits every item; the visitor may unlink or destroy the one it is given.
    template <class Visitor>
    void forEach(Visitor visit) {
        for (ListHook* at = head_.next_; at != &head_;) {
            ListHook* next = at->next_;
            visit(object(*at));
            at = next;
        }
    }

private:
    static T& object(ListHook& hook) noexcept { return static_cast<T&>(static_cast<Hook&>(hook)); }
    ListHook head_;
};

} // namespace twistdpp
