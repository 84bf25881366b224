#include "twistdpp/app/option_help.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>

namespace twistdpp {

namespace {

constexpr std::size_t kHelpColumn = 27;

std::string leftSide(const Option& option) {
    std::string shortNames, longNames;
    for (const std::string& name : option.names())
        (name.starts_with("--") ? longNames : shortNames).append(name).append(", ");
    std::string line = "  " + (shortNames.empty() ? std::string("    ") : shortNames) + longNames;
    line.resize(line.size() - 2);
    if (!option.isFlag())
        line.append(" ").append(option.placeholder());
    return line;
}

std::string rightSide(const Option& option) {
    std::string text = option.help();
    if (option.isRepeatable() && !option.isFlag())
        text += " (repeatable)";
    if (!option.fallback().empty())
        text += " [default: " + option.fallback() + "]";
    return text;
}

void appendOption(std::string& out, const Option& option, std::size_t width) {
    std::string left = leftSide(option);
    if (left.size() + 2 > kHelpColumn)
        out.append(left).append("\n").append(kHelpColumn, ' ');
    else
        out.append(left).append(kHelpColumn - left.size(), ' ');
    out.append(wrapped(rightSide(option), kHelpColumn, width)).append("\n");
}

} // namespace

std::string wrapped(Bytes text, std::size_t indent, std::size_t width) {
    std::string out;
    std::size_t column = indent;
    bool first = true;
    while (!text.empty()) {
        const Bytes word = ascii::cut(text, ' ');
        if (!first && column + 1 + word.size() > width) {
            out.append("\n").append(indent, ' ').append(word);
            column = indent + word.size();
        } else {
            out.append(first ? "" : " ").append(word);
            column += word.size() + (first ? 0 : 1);
        }
        first = false;
    }
    return out;
}

std::string formatOptions(const OptionSet& options, std::size_t width) {
    std::vector<std::string> groups;
    for (const auto& option : options.options()) {
        if (!option->isHidden() && std::find(groups.begin(), groups.end(), option->heading()) == groups.end())
            groups.push_back(option->heading());
    }
    std::string out;
    for (const std::string& group : groups) {
        out.append(out.empty() ? "" : "\n").append(group.empty() ? "Options" : group).append(":\n");
        for (const auto& option : options.options()) {
            if (!option->isHidden() && option->heading() == group)
                appendOption(out, *option, width);
        }
    }
    for (const std::string& note : options.notes())
        out.append("\n").append(wrapped(note, 0, width)).append("\n");
    if (!options.examples().empty())
        out.append("\nExamples:\n");
    for (const auto& example : options.examples())
        out.append("  ")
            .append(example.command)
            .append("\n      ")
            .append(wrapped(example.meaning, 6, width))
            .append("\n");
    return out;
}

} // namespace twistdpp
