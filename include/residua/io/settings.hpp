// The settings of a run as text, "name: value" a line, and what two of them differ in.
#pragma once

#include <residua/io/printable.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace residua::inline RESIDUA_ISA::io::detail {

struct RunSetting {
    std::string_view name;
    std::string_view value;
};

inline std::vector<RunSetting> settings_of(std::string_view text) {
    std::vector<RunSetting> result;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const std::size_t colon = line.find(": ");
        const bool split = colon != std::string_view::npos;
        result.push_back({line.substr(0, colon), split ? line.substr(colon + 2) : std::string_view()});
    }
    return result;
}

// Up to 64 characters of a name or a value, as a message shows them.
inline std::string shortened(std::string_view text) {
    constexpr std::size_t most = 64;
    const std::string shown = printable(text.substr(0, most));
    return text.size() > most || shown.size() > most ? shown.substr(0, most) + "..." : shown;
}

// "expected a run with lr 0.1 and batch 64, found one with lr 0.2 and batch 32", of those settings that differ.
inline std::string settings_differ(std::string_view expected, std::string_view found) {
    constexpr std::size_t enough = 240;  // characters, of differences beyond the first; others are only counted
    const std::vector<RunSetting> wanted = settings_of(expected);
    const std::vector<RunSetting> given = settings_of(found);
    std::string wants;
    std::string gives;
    std::size_t more = 0;
    const auto difference = [&](const RunSetting* want, const RunSetting* give) {
        const std::string name = shortened((want ? want : give)->name);
        const auto words = [&](const RunSetting* setting) {
            return !setting ? "no " + name : setting->value.empty() ? name : name + " " + shortened(setting->value);
        };
        const std::string wanted_here = words(want);
        const std::string given_here = words(give);
        const bool first = wants.empty();
        if (!first && wants.size() + gives.size() + wanted_here.size() + given_here.size() > enough) {
            ++more;
            return;
        }
        wants += (first ? "" : ", ") + wanted_here;
        gives += (first ? "" : ", ") + given_here;
    };

    const auto called = [](const std::vector<RunSetting>& list, std::string_view name) -> const RunSetting* {
        const auto at = std::find_if(list.begin(), list.end(), [&](const RunSetting& s) { return s.name == name; });
        return at == list.end() ? nullptr : &*at;
    };
    for (const RunSetting& want : wanted) {
        const RunSetting* give = called(given, want.name);
        if (!give || give->value != want.value) difference(&want, give);
    }
    for (const RunSetting& give : given) {
        if (!called(wanted, give.name)) difference(nullptr, &give);
    }

    if (wants.empty()) return "expected a run with these settings, found one with the same in another order";
    const std::string others = more > 0 ? " (and " + std::to_string(more) + " more that differ)" : "";
    return "expected a run with " + wants + "; found one with " + gives + others;
}

}  // namespace residua::inline RESIDUA_ISA::io::detail
