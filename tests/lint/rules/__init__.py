"""A rule is a module with check(tree) -> findings, and BAD and GOOD: files it must and must not complain about."""
