#pragma once
#include "twistdpp/sqlite/database.h"

#include <span>

namespace twistdpp::words {

/// The steps to the present layout of the database; a new one is added at the end, none is ever changed.
std::span<const sqlite::Database::Migration> databaseLayout() noexcept;

} // namespace twistdpp::words
