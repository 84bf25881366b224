#include "twistdpp/words_store/history.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>

namespace twistdpp::words {

namespace {

bool contains(Bytes text, Bytes part) {
    return std::search(text.begin(), text.end(), part.begin(), part.end(), [](char a, char b) {
               return ascii::lower(a) == ascii::lower(b);
           }) != text.end();
}

} // namespace

bool HistoryItem::mentions(Bytes words) const {
    return contains(text(), words) || std::any_of(lines.begin(), lines.end(), [&](const Line& line) {
               return contains(line.text, words);
           });
}

} // namespace twistdpp::words
